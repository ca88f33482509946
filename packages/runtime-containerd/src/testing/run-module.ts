import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Where bare specifiers are resolved from: this package, as its users see it, built. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** Another process, which runs the text of a module. Killed when it is disposed. */
export interface ModuleProcess extends AsyncDisposable {
  readonly pid: number;
  /** The next line that it writes. Rejects when it ends before that. */
  line(): Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

export function runModule(source: string): ModuleProcess {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ["--input-type=module", "--eval", source],
    {
      cwd: PACKAGE,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error("no other process could be started");
  const ended = once(child, "exit");
  const lines = readLines(child.stdout);
  return {
    pid,
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the other process has ended");
      return value;
    },
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function* readLines(stream: Readable): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
