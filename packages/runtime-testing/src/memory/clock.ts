/** Time as the in-memory runtime knows it. Replace it to test timeouts without waiting. */
export interface MemoryClock {
  now(): Date;
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. `Infinity` waits for the signal alone. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The greatest delay that a timer takes; longer ones would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: MemoryClock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const timer = ms === Infinity ? undefined : setTimeout(finish, Math.min(ms, LONGEST_MS));
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      }
      signal.addEventListener("abort", finish);
    }),
};
