import { spawn } from "node:child_process";
import { join } from "node:path";
import { timed } from "../measure/timed.js";
import type { Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const TARGET = { against: "cat through a pipe", atMost: 1.5 };

async function countBytes(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  return bytes;
}

function check(bytes: number, wanted: number): void {
  if (bytes !== wanted) throw new Error(`${bytes} of ${wanted} bytes came`);
}

/** Reads a file as a program's output, which is the fastest way in Node.js. */
async function catPipe(file: string): Promise<number> {
  return countBytes(spawn("cat", [file], { stdio: ["ignore", "pipe", "inherit"] }).stdout);
}

function writer(stage: Stage, name: string, bytes: number): Promise<unknown> {
  return stage.runtime.run({
    meta: { name },
    config: { image: stage.busybox, args: ["head", "-c", String(bytes), "/dev/zero"], network: "none" },
  });
}

function logOf(stage: Stage, name: string): string {
  return join(stage.host.logDirFmt.replaceAll("%s", name), "stdout.log");
}

export const logsRead: Scenario = {
  name: "logs-read",
  title: "a log of 1 GB, read back",
  unit: "ms",
  rounds: 5,
  targets: [TARGET],
  async open(stage, scale: Scale) {
    const bytes = scale.pick(1e9, 1e5);
    const name = "logs-read";
    await writer(stage, name, bytes);
    const io = await stage.runtime.io(name, { follow: true });
    await Promise.all([countBytes(io.stdout), io.stderr.cancel()]);
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          sample: () =>
            timed(async () => {
              const { stdout, stderr } = await stage.runtime.io(name);
              await stderr.cancel();
              check(await countBytes(stdout), bytes);
            }),
        },
        {
          name: "cat through a pipe",
          role: "floor",
          sample: () =>
            timed(async () => {
              check(await catPipe(logOf(stage, name)), bytes);
            }),
        },
      ],
      missing: [],
      close: () => stage.runtime.delete(name),
    };
  },
};

export const logsFollow: Scenario = {
  name: "logs-follow",
  title: "a log of 1 GB, followed while it is written",
  unit: "ms",
  rounds: 3,
  warmUp: 0,
  targets: [TARGET],
  async open(stage, scale: Scale) {
    const bytes = scale.pick(1e9, 1e5);
    const name = "logs-follow";
    /** From the start of a container that writes it all, until `read` has it all. */
    const written = async (read: () => Promise<unknown>): Promise<number> => {
      await writer(stage, name, bytes);
      const milliseconds = await timed(read);
      await stage.runtime.delete(name);
      return milliseconds;
    };
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          sample: () =>
            written(async () => {
              const { stdout, stderr } = await stage.runtime.io(name, { follow: true });
              await stderr.cancel();
              check(await countBytes(stdout), bytes);
            }),
        },
        {
          name: "the container and its shim, with no reader",
          role: "floor",
          sample: () => written(() => stage.runtime.wait(name)),
        },
        {
          name: "cat through a pipe",
          role: "floor",
          async sample() {
            await writer(stage, name, bytes);
            await stage.runtime.wait(name);
            const milliseconds = await timed(() => catPipe(logOf(stage, name)));
            await stage.runtime.delete(name);
            return milliseconds;
          },
        },
      ],
      missing: [],
      close: async () => undefined,
    };
  },
};
