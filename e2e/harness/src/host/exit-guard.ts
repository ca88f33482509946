const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Disposes of something when this process is told to end (SIGINT, SIGTERM, SIGHUP), then lets the signal have its usual
 * effect. Returns what takes the guard off again.
 *
 * Under Jest signals do not reach the tests; there the daemons end with their parent, and the next run sweeps.
 */
export function guardExit(owner: AsyncDisposable): () => void {
  const remove = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // The listener stays on while the disposal runs: a second Ctrl-C must not cut it short.
    owner[Symbol.asyncDispose]()
      .then(undefined, (error: unknown) => process.stderr.write(`${String(error)}\n`))
      .then(() => {
        remove();
        if (SIGNALS.every((name) => process.listenerCount(name) === 0)) process.kill(process.pid, signal);
      });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return remove;
}
