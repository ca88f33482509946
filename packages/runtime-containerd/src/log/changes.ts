import { type FSWatcher, watch } from "node:fs";

/** Tells when a file changes, or one in a folder of those whose names begin so. A change between two questions is not lost. */
export class Changes {
  readonly #watcher: FSWatcher;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(path: string, prefix = "") {
    this.#watcher = watch(path, { persistent: true }, (_event, name) => {
      if (prefix !== "" && name !== null && !name.startsWith(prefix)) return;
      this.#changed = true;
      this.#wake?.();
    });
    // A file that is deleted changes no more; its reader still has it open.
    this.#watcher.on("error", () => {
      this.#wake?.();
    });
  }

  /** Resolves with true at the next change, and with false when there is none for `timeoutMs`. */
  async next(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#changed) {
      await new Promise<void>((resolve, reject) => {
        const timer = timeoutMs === undefined ? undefined : setTimeout(finish, timeoutMs);
        function finish(): void {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          resolve();
        }
        function abort(): void {
          clearTimeout(timer);
          reject(signal?.reason);
        }
        this.#wake = finish;
        if (signal?.aborted === true) abort();
        signal?.addEventListener("abort", abort, { once: true });
      });
    }
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  close(): void {
    this.#watcher.close();
  }
}
