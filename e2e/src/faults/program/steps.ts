import { setTimeout as sleep } from "node:timers/promises";

/**
 * What happens at a step:
 *
 * - `kill`: this process ends, as nothing can prevent
 * - `abort`: the operation's signal is aborted, and the step goes on
 * - `error`: the step is not taken, and fails
 * - `drop`: the step is taken, and its answer is lost
 * - `delay`: the step is taken later
 */
export const FAULT_KINDS = ["kill", "abort", "error", "drop", "delay"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** The first one is 1. */
  readonly step: number;
  readonly kind: FaultKind;
}

/** The reason of an abort. */
export class Aborted extends Error {}

const DELAY_MS = 300;

/** Numbers everything that an operation does to the world, and breaks one step of it. */
export class Steps {
  readonly #fault: Fault | undefined;
  readonly #names: string[] = [];
  readonly #abort = new AbortController();

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** For the operation. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async take<T>(name: string, step: () => Promise<T>): Promise<T> {
    this.#names.push(name);
    if (this.#names.length !== this.#fault?.step) return step();
    switch (this.#fault.kind) {
      case "kill":
        process.kill(process.pid, "SIGKILL");
        return new Promise(() => undefined);
      case "abort":
        this.#abort.abort(new Aborted(`aborted at ${name}`));
        return step();
      case "error":
        throw broken(`injected at ${name}`, "EIO");
      case "drop":
        await step();
        throw broken(`the answer of ${name} was lost`, "ECONNRESET");
      case "delay":
        await sleep(DELAY_MS);
        return step();
    }
  }
}

function broken(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
