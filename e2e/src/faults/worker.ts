import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PrivateHost } from "@voiyd/harness";
import { CompiledProgram } from "./compiled-program.js";
import { describeHost, programEnvironment } from "./host-description.js";
import type { Order, Outcome } from "./program/main.js";

const SOURCES = fileURLToPath(new URL("program", import.meta.url));

/** A process that does what it is told, until it is told to die; then there is another one. */
export class Worker implements AsyncDisposable {
  readonly #host: PrivateHost;
  readonly #program: CompiledProgram;
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #said = "";

  private constructor(host: PrivateHost, program: CompiledProgram) {
    this.#host = host;
    this.#program = program;
  }

  static async open(host: PrivateHost): Promise<Worker> {
    return new Worker(host, await CompiledProgram.from(SOURCES));
  }

  /** Undefined when it died of it. */
  async obey(order: Order): Promise<Outcome | undefined> {
    this.#child ??= this.#spawn();
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines?.next();
    if (line === undefined || line.done === true) {
      const child = this.#child;
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
      if (child.signalCode !== "SIGKILL") throw new Error(`the worker ended by itself: ${this.#said}`);
      this.#child = undefined;
      return undefined;
    }
    return JSON.parse(line.value) as Outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      const closed = once(child, "close");
      child.stdin?.end();
      await closed;
    }
    await this.#program[Symbol.asyncDispose]();
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [this.#program.path("main.js"), JSON.stringify(describeHost(this.#host))], {
      stdio: ["pipe", "pipe", "pipe"],
      env: programEnvironment(),
    });
    this.#said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString("utf8");
    });
    // It dies with orders in its pipe.
    child.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return child;
  }
}
