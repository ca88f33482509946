import type { RuntimeContext } from "../context.js";
import { makeFifos } from "./make-fifos.js";
import { type Mkfifo, noMkfifo } from "./mkfifo.js";

/** The FIFOs of so many are made by one program. */
const TOGETHER = 16;
/** A program that makes those of several has a deadline of its own, in milliseconds: nobody's signal may end it. */
const DEADLINE_MS = 30_000;

type Host = Pick<RuntimeContext, "host">;

/** FIFOs that are to be made, which whoever has planned them removes or calls off. */
export interface PlannedFifos {
  /** Makes them, unless they are there already. */
  make(options: { signal?: AbortSignal }): Promise<void>;
  /** Calls them off where they have not been made, and removes them where they have: none is left, or comes later. */
  remove(): Promise<void>;
}

/**
 * Makes FIFOs for many who wait for their turn: without a program where that can be done. To start a program costs, because this process holds still for as long as
 * the kernel needs to make another one of it: measured with processes that were started in a container, more than
 * half of all that they cost it. So whoever has their turn has those of the next in the same folder made along.
 */
export class FifoMaker {
  readonly #context: Host;
  readonly #mkfifo: Mkfifo;
  /** By folder, in the order in which they were planned. */
  readonly #waiting = new Map<string, Set<Planned>>();

  constructor(context: Host, mkfifo: Mkfifo = noMkfifo) {
    this.#context = context;
    this.#mkfifo = mkfifo;
  }

  plan(folder: string, paths: readonly string[]): PlannedFifos {
    const waiting = this.#waiting.get(folder) ?? new Set();
    const taken = (): void => {
      if (waiting.size === 0 && this.#waiting.get(folder) === waiting) this.#waiting.delete(folder);
    };
    const planned = new Planned(this.#context, this.#mkfifo, paths, waiting, taken);
    if (paths.length === 0) return planned;
    this.#waiting.set(folder, waiting);
    waiting.add(planned);
    return planned;
  }
}

class Planned implements PlannedFifos {
  readonly #context: Host;
  readonly #mkfifo: Mkfifo;
  readonly #paths: readonly string[];
  readonly #waiting: Set<Planned>;
  readonly #taken: () => void;
  /** The program that makes them together with others'; it never rejects. */
  #together: Promise<"made" | "failed"> | undefined;
  #nothingLeft: boolean;

  constructor(context: Host, mkfifo: Mkfifo, paths: readonly string[], waiting: Set<Planned>, taken: () => void) {
    this.#context = context;
    this.#mkfifo = mkfifo;
    this.#paths = paths;
    this.#waiting = waiting;
    this.#taken = taken;
    this.#nothingLeft = paths.length === 0;
  }

  async make(options: { signal?: AbortSignal }): Promise<void> {
    if (this.#paths.length === 0) return;
    options.signal?.throwIfAborted();
    if (this.#together === undefined && this.#mkfifo(this.#paths)) {
      this.#leave();
      return;
    }
    if (this.#together === undefined) {
      const others = this.#takeOthers();
      if (others.length === 0) {
        await makeFifos(this.#context, this.#paths, options);
        return;
      }
      const together = this.#makeWith(others);
      for (const planned of [this, ...others]) planned.#together = together;
    }
    const outcome = await this.#together;
    options.signal?.throwIfAborted();
    if (outcome === "made") return;
    // Whose fault it was is not known: each makes its own, and is told what is wrong with them.
    await this.#removeAll();
    await makeFifos(this.#context, this.#paths, options);
  }

  async remove(): Promise<void> {
    if (this.#nothingLeft) return;
    this.#leave();
    await this.#together;
    await this.#removeAll();
    this.#nothingLeft = true;
  }

  #leave(): void {
    this.#waiting.delete(this);
    this.#taken();
  }

  /** Those who are next, who do not wait any more. */
  #takeOthers(): readonly Planned[] {
    this.#waiting.delete(this);
    const others = [...this.#waiting].slice(0, TOGETHER - 1);
    for (const planned of others) this.#waiting.delete(planned);
    this.#taken();
    return others;
  }

  async #makeWith(others: readonly Planned[]): Promise<"made" | "failed"> {
    const paths = [this, ...others].flatMap((planned) => planned.#paths);
    try {
      await makeFifos(this.#context, paths, { signal: AbortSignal.timeout(DEADLINE_MS) });
      return "made";
    } catch {
      return "failed"; // each tries by itself then, and is told
    }
  }

  async #removeAll(): Promise<void> {
    await Promise.all(this.#paths.map((path) => this.#context.host.files.remove(path)));
  }
}
