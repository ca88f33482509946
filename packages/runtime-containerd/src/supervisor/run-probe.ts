import { type HealthCheck, type HealthProbe, isRuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { mapped } from "../errors/map-error.js";
import type { ContainerExecs } from "../exec/container-execs.js";
import type { Clock } from "./clock.js";
import { PROBE_TIMEOUT_MS } from "./health-decision.js";

/** What is kept of a probe's output, in bytes, as Docker does. */
const KEPT_BYTES = 4096;
/** Docker's for a probe that has no exit code. */
const NO_EXIT_CODE = -1;

/** Runs a probe to its end, or to that of its time; undefined when the container does not run any more. */
export async function runProbe(
  execs: ContainerExecs,
  record: ContainerRecord,
  check: HealthCheck,
  clock: Clock,
  signal: AbortSignal,
): Promise<HealthProbe | undefined> {
  const start = clock.now();
  const timeoutMs = check.timeoutMs ?? PROBE_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = (exitCode: number, output: string): HealthProbe => ({ start, end: clock.now(), exitCode, output });
  try {
    const { exitCode, output } = await mapped(`health check of container ${record.name}`, () =>
      runToItsEnd(execs, record, commandOf(check), AbortSignal.any([signal, deadline])),
    );
    return ended(exitCode === "unknown" ? NO_EXIT_CODE : exitCode, output);
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      return ended(NO_EXIT_CODE, `the health check took longer than its timeout of ${String(timeoutMs)} ms`);
    }
    if (isRuntimeError(error, "FAILED_PRECONDITION", "NOT_FOUND")) return undefined;
    if (!isRuntimeError(error, "COMMAND_NOT_FOUND", "COMMAND_NOT_EXECUTABLE")) throw error;
    return ended(NO_EXIT_CODE, error.message.slice(0, KEPT_BYTES));
  }
}

/** In Docker's words for a check. */
function commandOf({ test = [] }: HealthCheck): readonly string[] {
  const [kind, ...words] = test;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words;
}

async function runToItsEnd(
  execs: ContainerExecs,
  record: ContainerRecord,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exitCode: number | "unknown"; readonly output: string }> {
  await using process = await execs.exec(record, { args }, { signal });
  const kept = new KeptOutput();
  const [{ exitCode }] = await Promise.all([process.exited, kept.take(process.stdout), kept.take(process.stderr)]);
  return { exitCode, output: kept.text };
}

/** The beginning of what both streams say. All of it is read, so that the probe is not held up. */
class KeptOutput {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  async take(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      const kept = chunk.subarray(0, KEPT_BYTES - this.#bytes);
      this.#bytes += kept.byteLength;
      if (kept.byteLength > 0) this.#chunks.push(kept);
    }
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
