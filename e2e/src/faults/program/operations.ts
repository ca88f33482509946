import { createReadStream } from "node:fs";
import type { CniNetworkManager } from "@voiyd/networking-cni";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";

/** What an operation is about. */
export interface Subject {
  /** Of the container, or of the network. */
  readonly name: string;
  /** The image of containers. */
  readonly image: string;
  /** The image that is pulled and loaded. */
  readonly pulled: string;
  /** An archive of it. */
  readonly archive: string;
  /** The container's port on the host; 0, a free one, by default. */
  readonly hostPort?: number;
}

export interface Room {
  readonly runtime: ContainerdRuntime;
  readonly network: CniNetworkManager;
}

type Call = { readonly signal: AbortSignal };

/** Ends by itself only when it is told to, and then at once. */
const PATIENT = "trap 'exit 3' TERM; while :; do sleep 1 & wait $!; done";

/** What a container is called once it is renamed, and the image that is made of it. */
export const renamed = (name: string): string => `${name}-renamed`;
export const committed = (name: string): string => `localhost/test/${name}:latest`;

function requestOf({ name, image, hostPort = 0 }: Subject): Parameters<ContainerdRuntime["run"]>[0] {
  return {
    meta: { name },
    config: { image, args: ["sh", "-c", PATIENT], portMappings: [{ hostPort, containerPort: 80 }] },
  };
}

/** One operation, with what has to be there before it. */
export interface Operation {
  prepare?(room: Room, subject: Subject): Promise<unknown>;
  act(room: Room, subject: Subject, call: Call): Promise<unknown>;
}

export const OPERATIONS = {
  run: { act: ({ runtime }, subject, call) => runtime.run(requestOf(subject), call) },
  create: { act: ({ runtime }, subject, call) => runtime.create(requestOf(subject), call) },
  start: {
    prepare: ({ runtime }, subject) => runtime.create(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.start(name, call),
  },
  stop: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.stop(name, { timeoutMs: 5_000, ...call }),
  },
  kill: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.kill(name, call),
  },
  delete: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.delete(name, call),
  },
  cleanup: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.cleanup(name, call),
  },
  restart: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.restart(name, { timeoutMs: 5_000, ...call }),
  },
  pause: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.pause(name, call),
  },
  resume: {
    prepare: async ({ runtime }, subject) => {
      await runtime.run(requestOf(subject));
      await runtime.pause(subject.name);
    },
    act: ({ runtime }, { name }, call) => runtime.resume(name, call),
  },
  rename: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.rename(name, renamed(name), call),
  },
  update: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.update(name, { labels: { changed: "yes" } }, call),
  },
  exec: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: async ({ runtime }, { name }, call) => {
      const process = await runtime.exec(name, { args: ["true"] }, call);
      await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
      await process.exited;
      await process[Symbol.asyncDispose]();
    },
  },
  commit: {
    prepare: ({ runtime }, subject) => runtime.run(requestOf(subject)),
    act: ({ runtime }, { name }, call) => runtime.commit(name, committed(name), call),
  },
  pull: {
    prepare: ({ runtime }, { pulled }) => runtime.removeImage(pulled, { force: true }).catch(() => undefined),
    act: ({ runtime }, { pulled }, call) => runtime.pullImage(pulled, call),
  },
  load: {
    prepare: ({ runtime }, { pulled }) => runtime.removeImage(pulled, { force: true }).catch(() => undefined),
    act: ({ runtime }, { archive }, call) => runtime.loadImages(createReadStream(archive), call),
  },
  "network create": {
    act: ({ network }, { name }, call) => network.createNetwork({ name }, call),
  },
  "network remove": {
    prepare: ({ network }, { name }) => network.createNetwork({ name }),
    act: ({ network }, { name }, call) => network.removeNetwork(name, call),
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

/** What somebody does beside an operation. */
export const BESIDE = {
  recover: {
    act: async ({ runtime }, _, call) => {
      const { failed } = await runtime.recover(call);
      if (failed.length > 0) throw new Error(JSON.stringify(failed));
    },
  },
} satisfies Record<string, Operation>;
