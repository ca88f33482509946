import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Supervision, SuperviseOptions } from "@voiyd/runtime-api";
import { listRecords } from "../container/container-store.js";
import { filter, hasLabel, labelIs } from "../container/filter.js";
import { LABEL } from "../container/label-names.js";
import { deferred } from "../concurrency/deferred.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import type { ContainerExecs } from "../exec/container-execs.js";
import { systemClock } from "./clock.js";
import { nextStep } from "./next-step.js";
import { readSupervised } from "./read-supervised.js";
import { isAway, untilBack, Ward, type WardTools } from "./ward.js";
import { supervisorLock } from "./supervisor-lock.js";
import { watchChanges } from "./watch-changes.js";

/** How often all containers are looked at whatever the daemon says, in milliseconds: an event can be lost. */
const RECONCILE_MS = 30_000;
const OURS = filter(hasLabel(LABEL.name), labelIs(LABEL.supervised, "true"));
/** A subscription that breaks is made again after this, in milliseconds. */
const RESUBSCRIBE_MS = 200;

/** Looks after all containers of a namespace that have a restart policy or a health check, one process of the host at a time. */
export class Supervisor implements Supervision {
  readonly active: Promise<void>;
  readonly ended: Promise<void>;
  readonly #tools: WardTools;
  readonly #untilIdle: boolean;
  readonly #stop = new AbortController();
  readonly #wards = new Map<string, { readonly ward: Ward; readonly done: Promise<void> }>();
  readonly #started = deferred<undefined>();

  constructor(context: RuntimeContext, execs: ContainerExecs, { signal, until }: SuperviseOptions = {}) {
    this.#tools = { context, execs, clock: systemClock };
    this.#untilIdle = until === "idle";
    this.active = this.#started.promise;
    this.active.catch(() => undefined);
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal]);
    this.ended = mapped("supervision", () => this.#run(stop)).then(
      () => {
        this.#started.resolve(undefined);
      },
      (error: unknown) => {
        this.#started.reject(error);
        throw error;
      },
    );
    this.ended.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => undefined);
  }

  /** In charge as often as it is needed: between the last look and the release of the lock a container can come. */
  async #run(signal: AbortSignal): Promise<void> {
    const { context } = this.#tools;
    const giveWay = new AbortController();
    const onHeld = (): void => {
      if (this.#untilIdle) giveWay.abort();
    };
    try {
      do {
        await context.host.lock(supervisorLock(context), () => this.#supervise(signal), {
          signal: AbortSignal.any([signal, giveWay.signal]),
          onHeld,
        });
      } while (this.#untilIdle && !signal.aborted && (await this.#isNeeded(signal)));
    } catch (error) {
      if (!signal.aborted && !giveWay.signal.aborted) throw error;
    }
  }

  async #supervise(outer: AbortSignal): Promise<void> {
    this.#started.resolve(undefined);
    const { context } = this.#tools;
    // The logs of what others have started and left are looked after too.
    context.logs.start();
    const done = new AbortController();
    const signal = AbortSignal.any([outer, done.signal]);
    // Every container listens to it: there are many, and none too many.
    setMaxListeners(0, signal);
    const watching = this.#watch(signal);
    watching.catch(() => undefined);
    context.logger.debug("supervision has begun", { namespace: context.namespace });
    try {
      for (;;) {
        await this.#lookAtAll(signal);
        if (this.#untilIdle && (await this.#untilNoWards(signal)) && !(await this.#isNeeded(signal))) return;
        if (!this.#untilIdle) await sleep(RECONCILE_MS, undefined, { signal });
      }
    } finally {
      done.abort();
      await Promise.allSettled([watching, ...[...this.#wards.values()].map((ward) => ward.done)]);
    }
  }

  /** Whether there is a container that somebody has to look after. */
  async #isNeeded(signal: AbortSignal): Promise<boolean> {
    const { context, clock } = this.#tools;
    for await (const record of listRecords(context, [OURS], { signal })) {
      const seen = await readSupervised(context, record, { signal });
      if (seen !== undefined && nextStep(seen, clock.now()).kind !== "rest") return true;
    }
    return false;
  }

  /** Resolves with true when there are no wards, with false when it is time for another look at all containers. */
  async #untilNoWards(signal: AbortSignal): Promise<boolean> {
    const timer = new AbortController();
    const time = sleep(RECONCILE_MS, false, { signal: AbortSignal.any([signal, timer.signal]) });
    time.catch(() => undefined);
    try {
      while (this.#wards.size > 0) {
        const ends = [...this.#wards.values()].map(({ done }) => done.then(() => true));
        if (!(await Promise.race([time, ...ends]))) return false;
        signal.throwIfAborted();
      }
      return true;
    } finally {
      timer.abort();
    }
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const { context } = this.#tools;
    try {
      for await (const { id } of listRecords(context, [OURS], { signal })) this.#look(id, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      await untilBack(context, signal);
    }
  }

  /** What was missed while there was no subscription is found by looking at all containers after it. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { context } = this.#tools;
    for (;;) {
      try {
        for await (const id of watchChanges(context, signal)) this.#look(id, signal);
      } catch (error) {
        signal.throwIfAborted();
        context.logger.debug("the daemon's events were interrupted", { error });
      }
      await sleep(RESUBSCRIBE_MS, undefined, { signal });
      await untilBack(context, signal);
      await this.#lookAtAll(signal);
    }
  }

  #look(id: string, signal: AbortSignal): void {
    if (this.#wards.get(id)?.ward.wake() === true) return;
    const ward = new Ward(this.#tools, id);
    const done = ward
      .run(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#tools.context.logger.error("supervision of a container has ended", { id, error });
      })
      .finally(() => {
        if (this.#wards.get(id)?.ward === ward) this.#wards.delete(id);
      });
    this.#wards.set(id, { ward, done });
  }
}
