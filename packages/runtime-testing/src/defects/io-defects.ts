import { isRuntimeError } from "@voiyd/runtime-api";
import type { Defect } from "./defect.js";

export const ioDefects: readonly Defect[] = [
  {
    name: "copyTo takes any path for the root",
    noticedBy: "copy",
    change: (honest) => ({
      copyTo: (ref, _path, archive, options) => honest.copyTo(ref, "/", archive, options),
    }),
  },
  {
    name: "copyFrom gives an empty archive for what is not there",
    noticedBy: "copy",
    change: (honest) => ({
      copyFrom: async function* (ref, path, options) {
        try {
          yield* honest.copyFrom(ref, path, options);
        } catch (error) {
          if (!isRuntimeError(error, "NOT_FOUND")) throw error;
          yield new Uint8Array(1024);
        }
      },
    }),
  },
  {
    name: "io merges the two streams",
    noticedBy: "io",
    change: (honest) => ({
      io: async (id, options) => {
        const first = await honest.io(id, options);
        const second = await honest.io(id, options);
        await second.stdout.cancel();
        return { stdout: merged([first.stdout, first.stderr]), stderr: second.stderr };
      },
    }),
  },
  {
    name: "io ends where it should follow",
    noticedBy: "io",
    change: (honest) => ({
      io: async (id, { follow, ...options } = {}) => {
        const { status } = await honest.get(id);
        // A program that says `ready` is waited for by every other part of the suite: only `io` itself is to notice.
        const { args = [] } = (await honest.get(id)).config;
        const known = args.some((arg) => arg.includes("ready"));
        return honest.io(id, { ...options, follow: follow === true && (known || status.phase === "exited") });
      },
    }),
  },
  {
    name: "followed logs end with a container's first life",
    noticedBy: "logs over restarts",
    change: (honest) => ({
      logs: async function* (ref, options) {
        for await (const entry of honest.logs(ref, options)) {
          yield entry;
          const { config, status } = await honest.get(ref);
          if (config.restartPolicy !== undefined && status.phase === "exited") return;
        }
      },
    }),
  },
  {
    name: "io adds a newline",
    noticedBy: "io",
    change: (honest) => ({
      io: async (id, options) => {
        const { stdout, stderr } = await honest.io(id, options);
        return { stdout: withNewline(stdout), stderr };
      },
    }),
  },
  {
    name: "pull of an unknown image is success",
    noticedBy: "pull",
    change: (honest) => ({
      pull: (request, options) =>
        honest.pull(request, options).catch((error: unknown) => {
          if (!isRuntimeError(error, "IMAGE_NOT_FOUND")) throw error;
        }),
    }),
  },
  {
    name: "pull never says that it is done",
    noticedBy: "pull",
    change: (honest) => ({
      pull: (request, { onProgress, ...options } = {}) =>
        honest.pull(request, {
          ...options,
          onProgress: (progress) => {
            if (progress.phase !== "done") onProgress?.(progress);
          },
        }),
    }),
  },
  {
    name: "a removed image stays",
    noticedBy: "images",
    change: (honest) => ({
      removeImage: async (_reference, options) => {
        await honest.listImages(options);
      },
    }),
  },
];

function merged(sources: readonly ReadableStream<Uint8Array>[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: async (controller) => {
      await Promise.all(
        sources.map(async (source) => {
          for await (const chunk of source) controller.enqueue(chunk);
        }),
      ).then(
        () => {
          controller.close();
        },
        (error: unknown) => {
          controller.error(error);
        },
      );
    },
  });
}

function withNewline(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return source.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      flush: (controller) => {
        controller.enqueue(new TextEncoder().encode("\n"));
      },
    }),
  );
}
