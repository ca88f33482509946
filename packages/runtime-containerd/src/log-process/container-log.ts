import { closeSync, constants, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type LogRegistration, parseRegistration, pipeName, REGISTRATION } from "./registration.js";
import { StreamLog } from "./stream-log.js";

/** Both streams of one life of a container. */
export class ContainerLog {
  readonly streams: readonly StreamLog[];
  readonly #registration: string;
  readonly #directory: number;
  readonly #open: Set<StreamLog>;

  private constructor(folder: string, limits: LogRegistration) {
    this.#registration = join(folder, REGISTRATION);
    // By its descriptor the folder is the same whatever its name becomes.
    this.#directory = openSync(limits.directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const opened: StreamLog[] = [];
    try {
      const directory = `/proc/self/fd/${this.#directory}`;
      for (const stream of limits.streams)
        opened.push(new StreamLog(join(folder, pipeName(stream)), directory, stream, limits));
    } catch (error) {
      for (const stream of opened) stream.close();
      closeSync(this.#directory);
      throw error;
    }
    this.streams = opened;
    this.#open = new Set(opened);
  }

  /** Takes up what a container's own folder asks for. Throws when it asks for nothing. */
  static open(folder: string): ContainerLog {
    return new ContainerLog(folder, parseRegistration(readFileSync(join(folder, REGISTRATION), "utf8")));
  }

  /** The pipe's writers have closed it, and all is written; with the last one the container's life is over. */
  ended(stream: StreamLog): void {
    if (!this.#open.delete(stream)) return;
    stream.close();
    if (this.isOver) rmSync(this.#registration, { force: true });
  }

  /** Gives a stream up. What its pipe holds stays there, for whoever has it open. */
  leave(): void {
    for (const stream of this.#open) stream.close();
    this.#open.clear();
    closeSync(this.#directory);
  }

  get isOver(): boolean {
    return this.#open.size === 0;
  }

  isOpen(stream: StreamLog): boolean {
    return this.#open.has(stream);
  }

  get lost(): number {
    return [...this.#open].reduce((sum, stream) => sum + stream.lost, 0);
  }
}
