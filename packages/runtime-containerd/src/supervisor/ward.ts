import { isContainerdError } from "@voiyd/containerd-client";
import { isRuntimeError } from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord } from "../container/container-store.js";
import { writeHealth, writeRestart, writeStopped } from "../container/supervision-store.js";
import { deferred } from "../concurrency/deferred.js";
import type { RuntimeContext } from "../context.js";
import type { ContainerExecs } from "../exec/container-execs.js";
import { withContainer } from "../lifecycle/container-lock.js";
import { startAgain } from "../lifecycle/start-container.js";
import { stopContainer } from "../task/stop-container.js";
import type { Clock } from "./clock.js";
import { afterProbe } from "./health-decision.js";
import { nextStep, type Step, type Supervised } from "./next-step.js";
import { readSupervised } from "./read-supervised.js";
import { restartLater } from "./restart-decision.js";
import { runProbe } from "./run-probe.js";

/** What every ward works with. */
export interface WardTools {
  readonly context: RuntimeContext;
  readonly execs: ContainerExecs;
  readonly clock: Clock;
}

/** How long a container is left alone after something about it failed, in milliseconds. */
const TROUBLE_MS = 2_000;
/** How long a daemon that is away is waited for before it is looked for anew. */
const OUTAGE_MS = 60_000;

/** A container under supervision: what is to be done is read from what is kept with it, and done; then again. */
export class Ward {
  readonly id: string;
  readonly #tools: WardTools;
  #over = false;
  #news = new News();

  constructor(tools: WardTools, id: string) {
    this.#tools = tools;
    this.id = id;
  }

  /** Something happened to the container: it is looked at again. False when this ward has looked for the last time. */
  wake(): boolean {
    this.#news.tell();
    return !this.#over;
  }

  /** Resolves when nobody needs to look after the container, for now or for ever. Rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#untilRest(signal);
    } finally {
      this.#over = true;
    }
  }

  async #untilRest(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const news = new News();
      this.#news = news;
      let rests = false;
      try {
        rests = await this.#once(news.promise, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isRuntimeError(error, "NOT_FOUND") || isContainerdError(error, "not_found")) return;
        await this.#afterTrouble(error, signal);
      }
      if (rests && !news.told) return;
    }
  }

  /** One look and one step. Tells whether the container rests. */
  async #once(news: Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { context, clock } = this.#tools;
    const record = await readRecord(context, this.id, { signal });
    const seen = record === undefined ? undefined : await readSupervised(context, record, { signal });
    if (record === undefined || seen === undefined) return true;
    const step = nextStep(seen, clock.now());
    switch (step.kind) {
      case "rest":
        return true;
      case "watch":
        await untilNews(news, signal);
        return false;
      case "wait":
        await this.#waitUntil(step.until, news, signal);
        return false;
      default:
        await this.#do(step.kind, record, seen, signal);
        return false;
    }
  }

  async #do(
    kind: Exclude<Step["kind"], "rest" | "watch" | "wait">,
    record: ContainerRecord,
    seen: Supervised,
    signal: AbortSignal,
  ): Promise<void> {
    const { context } = this.#tools;
    switch (kind) {
      case "decide":
        return this.#decide(signal);
      case "start":
        return this.#start(record, seen, signal);
      case "probe":
        return this.#probe(record, seen, signal);
      case "end":
        context.logger.info("an unhealthy container is restarted", { container: this.id, name: record.name });
        return stopContainer(context, record, { signal });
    }
  }

  /** Under the container's lock: what looks like an end may be a start that somebody is at. */
  #decide(signal: AbortSignal): Promise<void> {
    const { context, clock } = this.#tools;
    return withContainer(context, this.id, { signal }, async (record) => {
      const seen = await readSupervised(context, record, { signal });
      const step = seen === undefined ? undefined : nextStep(seen, clock.now());
      if (step?.kind !== "decide") return;
      if (step.forgetStop === true && record.stopped) await writeStopped(context, this.id, false, { signal });
      await writeRestart(context, this.id, step.restart, { signal });
    });
  }

  async #start(record: ContainerRecord, seen: Supervised, signal: AbortSignal): Promise<void> {
    const { context, clock } = this.#tools;
    const { id, name } = record;
    const wanted = seen.restart?.restartAt?.getTime();
    const isWanted = (now: ContainerRecord): boolean =>
      !now.stopped && now.restart?.life === seen.life && now.restart.restartAt?.getTime() === wanted;
    try {
      if (await startAgain(context, id, isWanted, { signal })) {
        context.logger.info("a container was started again", { container: id, name, count: seen.restart?.count });
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isAway(error) || isRuntimeError(error, "NOT_FOUND")) throw error;
      context.logger.warn("a container could not be started again", { container: id, name, error });
      await this.#afterFailedStart(seen, clock.now(), signal);
    }
  }

  /** A start that fails is a life of no length: it counts, and the next one is put off. */
  #afterFailedStart(seen: Supervised, now: Date, signal: AbortSignal): Promise<void> {
    const { context } = this.#tools;
    return withContainer(context, this.id, { signal }, async (record) => {
      const { restart } = record;
      if (record.stopped || restart?.life !== seen.life) return;
      const most = seen.policy.maxRetries ?? Infinity;
      const { life, count, delayMs } = restart;
      const next = count >= most ? { life, count, delayMs } : restartLater(restart, life, 0, now);
      await writeRestart(context, this.id, next, { signal });
    });
  }

  async #probe(record: ContainerRecord, { check, health }: Supervised, signal: AbortSignal): Promise<void> {
    const { context, execs, clock } = this.#tools;
    if (check === undefined) return;
    const probe = await runProbe(execs, record, check, clock, signal);
    if (probe === undefined) {
      // It does not run any more, or it is paused: what has become of it is seen at the next look.
      await clock.until(new Date(clock.now().getTime() + TROUBLE_MS / 10), signal);
      return;
    }
    const next = afterProbe(check, health, probe);
    await writeHealth(context, this.id, next, { signal });
    if (next.status !== health.status) {
      const { status } = next;
      context.logger.info("a container's health has changed", { container: this.id, name: record.name, status });
    }
  }

  async #waitUntil(moment: Date, news: Promise<void>, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.race([news, this.#tools.clock.until(moment, both)]);
    } finally {
      stop.abort();
    }
  }

  async #afterTrouble(error: unknown, signal: AbortSignal): Promise<void> {
    const { context, clock } = this.#tools;
    if (isAway(error)) {
      await untilBack(context, signal);
      return;
    }
    context.logger.warn("a container could not be supervised just now", { container: this.id, error });
    await clock.until(new Date(clock.now().getTime() + TROUBLE_MS), signal);
  }
}

/** Whether something has happened since the last look. */
class News {
  readonly #told = deferred<undefined>();
  readonly promise: Promise<void> = this.#told.promise;
  told = false;

  tell(): void {
    this.told = true;
    this.#told.resolve(undefined);
  }
}

/** Waits for the daemon, however long that is. */
export async function untilBack({ client, logger }: RuntimeContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await client.waitUntilReady({ timeoutMs: OUTAGE_MS, signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn("containerd does not answer", { error });
    }
  }
}

export function isAway(error: unknown): boolean {
  return (isContainerdError(error) && error.connection) || isRuntimeError(error, "UNAVAILABLE");
}

async function untilNews(news: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = deferred<never>();
  const abort = (): void => {
    aborted.reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (!signal.aborted) await Promise.race([news, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
