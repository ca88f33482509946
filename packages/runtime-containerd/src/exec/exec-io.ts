import { join } from "node:path";
import type { ExecRequest } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { emptyStream, FifoReader } from "../fifo/fifo-reader.js";
import { FifoWriter } from "../fifo/fifo-writer.js";
import type { FifoMaker, PlannedFifos } from "../fifo/fifo-maker.js";
import { stateDirectory } from "../run/name-files.js";
import type { ExecKey } from "./exec-state.js";

/** The paths that the shim is given; an empty one stands for none. */
export interface ExecPaths {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the pipes of a further process are going to be. */
export interface ExecIOPlan {
  readonly paths: ExecPaths;
  readonly fifos: PlannedFifos;
  /** False where nobody reads what the process writes. */
  readonly piped: boolean;
}

/**
 * The pipes of a further process. They are its caller's: when the caller dies, a process that goes on writing is held up,
 * and one that reads gets its end of file. A detached process has none and depends on nobody.
 */
export class ExecIO implements AsyncDisposable {
  readonly paths: ExecPaths;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly #context: RuntimeContext;
  readonly #fifos: PlannedFifos;
  readonly #readers: readonly FifoReader[];
  #writer: FifoWriter | undefined;

  private constructor(context: RuntimeContext, plan: ExecIOPlan) {
    const { paths } = plan;
    const reader = (path: string): FifoReader | undefined =>
      plan.piped && path !== "" ? new FifoReader(path) : undefined;
    const [stdout, stderr] = [reader(paths.stdout), reader(paths.stderr)];
    this.paths = paths;
    this.stdout = stdout?.stream ?? emptyStream();
    this.stderr = stderr?.stream ?? emptyStream();
    this.#context = context;
    this.#fifos = plan.fifos;
    this.#readers = [stdout, stderr].filter((item) => item !== undefined);
  }

  /** What is to be opened. Whoever has planned it opens it, or removes its pipes. */
  static plan(
    context: RuntimeContext,
    maker: FifoMaker,
    { containerId, execId }: ExecKey,
    { tty = false, stdin = false, detached = false }: ExecRequest,
  ): ExecIOPlan {
    // In the container's own folder, which goes with the container whatever happens to us.
    const folder = stateDirectory(context, containerId);
    if (detached) {
      // A terminal is read by its shim alone, and what is given to it has to be something that takes everything.
      const paths = { stdin: "", stdout: "/dev/null", stderr: tty ? "" : "/dev/null" };
      return { paths, fifos: maker.plan(folder, []), piped: false };
    }
    const path = (name: string): string => join(folder, `exec-${execId}-${name}`);
    const paths = {
      stdin: stdin ? path("stdin") : "",
      stdout: path("stdout"),
      stderr: tty ? "" : path("stderr"),
    };
    const fifos = Object.values(paths).filter((item) => item !== "");
    return { paths, fifos: maker.plan(folder, fifos), piped: true };
  }

  static async open(context: RuntimeContext, plan: ExecIOPlan, options: { signal?: AbortSignal }): Promise<ExecIO> {
    await plan.fifos.make(options);
    return new ExecIO(context, plan);
  }

  /** The process has been started: its shim has every pipe open that it writes to, and will have that which it reads. */
  async started(key: ExecKey, tty: boolean, exit: Promise<unknown>): Promise<WritableStream<Uint8Array> | undefined> {
    for (const reader of this.#readers) reader.release();
    if (this.paths.stdin === "") return undefined;
    const writer = await FifoWriter.open(this.paths.stdin, settled(exit));
    this.#writer = writer;
    // The shim holds the pipe open too. Told to close its end now, it leaves ours the only one: the process gets its end
    // of file when we close, and when we die. With a terminal the end of a pipe would be the end of the terminal.
    if (!tty) await this.#context.client.tasks.closeIO({ ...key, stdin: true });
    return writer.stream;
  }

  /** What is on its way is still read. */
  processEnded(): void {
    this.#writer?.destroy();
    for (const reader of this.#readers) reader.processEnded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer?.destroy();
    for (const reader of this.#readers) reader.close();
    await this.removeFifos();
  }

  /** Whoever has them open goes on reading. */
  async removeFifos(): Promise<void> {
    await this.#fifos.remove();
  }
}

function settled(promise: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  promise.then(abort, abort);
  return controller.signal;
}
