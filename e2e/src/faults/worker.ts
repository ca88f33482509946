import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PrivateHost } from "@voiyd/harness";
import { CompiledProgram } from "./compiled-program.js";
import { describeHost, programEnvironment } from "./host-description.js";
import type { Order, Outcome } from "./program/main.js";

const SOURCES = fileURLToPath(new URL("program", import.meta.url));

/** A process of the program, and what it says. */
interface Started {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  /** What it has written for people. */
  said: string;
}

/**
 * A process that does what it is told, until it is told to die; then there is another one. That one is started with the order
 * that the first is to die of, so that it has loaded its modules by then: it touches nothing before its first order.
 */
export class Worker implements AsyncDisposable {
  readonly #host: PrivateHost;
  readonly #program: CompiledProgram;
  #current: Started | undefined;
  #next: Started | undefined;

  private constructor(host: PrivateHost, program: CompiledProgram) {
    this.#host = host;
    this.#program = program;
  }

  static async open(host: PrivateHost): Promise<Worker> {
    return new Worker(host, await CompiledProgram.from(SOURCES));
  }

  /** Undefined when it died of it. */
  async obey(order: Order): Promise<Outcome | undefined> {
    const current = (this.#current ??= this.#next ?? this.#start());
    if (current === this.#next) this.#next = undefined;
    if (order.fault?.kind === "kill") this.#next ??= this.#start();
    const { child, lines } = current;
    child.stdin?.write(`${JSON.stringify(order)}\n`);
    const line = await lines.next();
    if (line.done === true) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
      if (child.signalCode !== "SIGKILL") throw new Error(`the worker ended by itself: ${current.said}`);
      this.#current = undefined;
      return undefined;
    }
    return JSON.parse(line.value) as Outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of [this.#current, this.#next]) if (started !== undefined) await end(started);
    await this.#program[Symbol.asyncDispose]();
  }

  #start(): Started {
    const child = spawn(process.execPath, [this.#program.path("main.js"), JSON.stringify(describeHost(this.#host))], {
      stdio: ["pipe", "pipe", "pipe"],
      env: programEnvironment(),
    });
    const started: Started = {
      child,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      said: "",
    };
    child.stderr.on("data", (chunk: Buffer) => {
      started.said += chunk.toString("utf8");
    });
    // It dies with orders in its pipe.
    child.stdin.on("error", () => undefined);
    return started;
  }
}

async function end({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.stdin?.end();
  await closed;
}
