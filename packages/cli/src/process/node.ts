import { once } from "node:events";
import type { ProgramCommand } from "@voiyd/runtime-containerd";
import type { Input, NewFile, Output, SignalName, SignalSource, Surroundings } from "./surroundings.js";

const SIGNALS: readonly SignalName[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2"];

export interface ProgramFacts {
  /** How this program is started again: a file and its first arguments. */
  readonly program: ProgramCommand;
  readonly version: () => string;
  /** How the log process is started, where it is not a file of its own. */
  readonly logProgram?: ProgramCommand;
}

/** The surroundings of a real process. */
export function nodeSurroundings({ program, version, logProgram }: ProgramFacts): Surroundings {
  return {
    env: process.env,
    cwd: process.cwd(),
    // Looked at only when it is asked for: to open it costs time, and a terminal's is taken over by it.
    stdin: nodeInput(),
    stdout: nodeOutput(process.stdout),
    stderr: nodeOutput(process.stderr),
    onResize: (listener) => {
      process.on("SIGWINCH", listener);
      return () => process.off("SIGWINCH", listener);
    },
    signals: processSignals,
    now: () => new Date(),
    random: Math.random,
    // What few commands need is loaded by those: each built-in module costs a millisecond or two at the start.
    readFile: async (path) => (await import("node:fs/promises")).readFile(path, "utf8"),
    makeFolder: async (path) => {
      await (await import("node:fs/promises")).mkdir(path, { recursive: true });
    },
    createFile,
    openInput,
    isInputTTY: () => process.stdin.isTTY,
    writeFile: writeWholeFile,
    machine: async () => (await import("./machine.js")).machine(),
    localFiles: async () => (await import("./local-files.js")).localFiles,
    version,
    compose: async (settings) => (await import("../composition.js")).compose(settings, logProgram),
    spawnSelf: (args) => spawnDetached(program, args),
  };
}

async function createFile(path: string): Promise<NewFile> {
  const { rm, writeFile } = await import("node:fs/promises");
  await writeFile(path, "", { flag: "wx" });
  return { write: (text) => writeFile(path, text), discard: () => rm(path, { force: true }) };
}

const processSignals: SignalSource = {
  subscribe(listener) {
    for (const name of SIGNALS) process.on(name, listener);
    return () => {
      for (const name of SIGNALS) process.off(name, listener);
    };
  },
};

/** Standard output or standard error: a terminal, a pipe or a file. */
interface StandardStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A pipe does not say that it is none; it says nothing. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

function nodeInput(): Input {
  return {
    get isTTY() {
      return isTerminal(process.stdin);
    },
    async *chunks() {
      for await (const chunk of process.stdin) {
        const data: unknown = chunk;
        if (data instanceof Uint8Array) yield data;
      }
    },
    async setRaw(raw) {
      if (!isTerminal(process.stdin)) return;
      // Ends with the settings of before.
      process.stdin.setRawMode(raw);
      if (!raw) return;
      // Node goes on putting a carriage return before each line feed, and a program that moves the cursor with one is lost.
      const { spawnSync } = await import("node:child_process");
      spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
    },
  };
}

function nodeOutput(stream: StandardStream): Output {
  // Every failed write is reported to its own callback; without a listener Node would end the process beside it.
  stream.on("error", () => undefined);
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      // A terminal that was told no size has none: 0 by 0.
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write: (data) =>
      new Promise<void>((resolve, reject) => {
        stream.write(data, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      }),
  };
}

async function spawnDetached([file, ...first]: ProgramCommand, args: readonly string[]): Promise<void> {
  const { spawn } = await import("node:child_process");
  // The root folder, because a process that stays would keep the caller's file system from being unmounted.
  const child = spawn(file, [...first, ...args], { detached: true, stdio: "ignore", cwd: "/" });
  await once(child, "spawn");
  child.unref();
}

async function* openInput(path: string | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  if (path === undefined) {
    const input: AsyncIterable<Uint8Array> = process.stdin;
    yield* input;
    return;
  }
  const { createReadStream } = await import("node:fs");
  const file: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 1024 * 1024 });
  yield* file;
}

async function writeWholeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { open, rename, rm } = await import("node:fs/promises");
  const draft = `${path}.${String(process.pid)}.part`;
  const file = await open(draft, "w", 0o600);
  try {
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
