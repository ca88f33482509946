import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Stage } from "../fixture/stage.js";

const PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/voiyd.cjs", import.meta.url));

/** How long something may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A command on a pseudo-terminal, with somebody at the keys. */
export interface TerminalCommand extends AsyncDisposable {
  /** Resolves with all that was written so far once it holds `text`, which is then behind us. */
  until(text: string): Promise<string>;
  type(text: string): void;
  /** Makes the terminal another size, as dragging a window does. */
  resize(columns: number, rows: number): Promise<void>;
  /** The terminal's settings as `stty -a` shows them. */
  settings(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, and all that was written. */
  readonly result: Promise<{ readonly code: number | null; readonly output: string }>;
}

/**
 * Starts the command line on a terminal of 101 columns and 33 rows, made by `script(1)` of util-linux. Afterwards a shell
 * keeps the terminal for a moment, so that its settings can be looked at: it ends with the exit code when Enter is typed.
 */
export async function onTerminal(stage: Stage, args: readonly string[]): Promise<TerminalCommand> {
  const command = [process.execPath, PROGRAM, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
  const line = `echo "on $(tty) $$"; stty cols 101 rows 33; ${command}; code=$?; echo "left $code"; read -r _; exit $code`;
  const env = { ...process.env, ...stage.host.env, SHELL: "/bin/sh" };
  const child = spawn("script", ["-q", "-f", "-e", "-c", line, "/dev/null"], { env, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      wake();
    });
  }
  child.stdin.on("error", () => undefined);
  let ended = false;
  const result = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => {
      ended = true;
      resolve({ code, output });
      wake();
    });
  });
  const until = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`it has not said ${JSON.stringify(text)} for long: ${JSON.stringify(output)}`));
      }, PATIENCE_MS);
      const look = (): void => {
        const at = output.indexOf(text, seen);
        if (at >= 0) {
          waiting.delete(look);
          clearTimeout(late);
          const before = output.slice(seen, at + text.length);
          seen = at + text.length;
          resolve(before);
        } else if (ended || /left \d+\r\n$/.test(output)) {
          waiting.delete(look);
          clearTimeout(late);
          reject(new Error(`it ended and never said ${JSON.stringify(text)}: ${JSON.stringify(output)}`));
        }
      };
      waiting.add(look);
      look();
    });
  const first = await until("\n");
  const [, terminal = "", shell = ""] = first.trim().split(" ");
  const stty = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)("stty", ["-F", terminal, ...words])).stdout;
  return {
    until,
    result,
    type: (text) => {
      child.stdin.write(text);
    },
    resize: async (columns, rows) => {
      await stty("cols", String(columns), "rows", String(rows));
    },
    settings: () => stty("-a"),
    signal: (name) => {
      // The program is the shell's only child.
      void promisify(execFile)("pgrep", ["-P", shell]).then(({ stdout }) => process.kill(Number(stdout.trim()), name));
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await result;
    },
  };
}
