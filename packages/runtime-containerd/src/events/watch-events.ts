import { isContainerdError } from "@voiyd/containerd-client";
import { type ContainerEvent, type EventsOptions, matchesEvent } from "@voiyd/runtime-api";
import { formatReference, parseReference } from "@voiyd/oci-registry";
import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { subscribe, SubscriptionEnded } from "./subscription.js";
import { Tracker } from "./tracker.js";

type Options = { signal?: AbortSignal };

/** How long the daemon may be away before its events are given up, in milliseconds. */
const OUTAGE_MS = 600_000;
/** How much later than it was something may be said, in milliseconds. */
const LATE_MS = 60_000;
/** Between two tries, in milliseconds: one that fails at once must not become a busy loop. */
const PAUSE_MS = 50;

/** `Events.events`. `since` is taken when this is called, not when the first event is asked for. */
export function watchEvents(context: RuntimeContext, options: EventsOptions): AsyncIterable<ContainerEvent> {
  const { since = new Date(), until, filters = {}, signal } = options;
  const images = filters.images?.map((image) => formatReference(parseReference(image)));
  const wanted = images === undefined ? filters : { ...filters, images };
  return {
    [Symbol.asyncIterator]: () => {
      const events =
        until === undefined ? follow(context, since, signal) : followUntil(context, { since, until }, signal);
      return select(
        events,
        (event) => event.time >= since && (until === undefined || event.time < until) && matchesEvent(event, wanted),
      );
    },
  };
}

async function* select(
  events: AsyncIterable<ContainerEvent>,
  isWanted: (event: ContainerEvent) => boolean,
): AsyncGenerator<ContainerEvent, void, undefined> {
  for await (const event of events) if (isWanted(event)) yield event;
}

/** The same as {@link follow}, up to a moment. */
async function* followUntil(
  context: RuntimeContext,
  { since, until }: { readonly since: Date; readonly until: Date },
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent> {
  const over = new AbortController();
  const both = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const tracker = new Tracker();
  // What is on record is told before the end, even where that is past.
  let begun = false;
  const end = new Date(Math.max(until.getTime(), 0));
  const timer = setInterval(() => {
    if (begun && new Date() >= end) over.abort();
  }, PAUSE_MS);
  try {
    for await (const batch of batches(context, tracker, since, { signal: both })) {
      begun = true;
      yield* batch;
      if (new Date() >= end) return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!over.signal.aborted) throw error;
  } finally {
    clearInterval(timer);
  }
}

async function* follow(
  context: RuntimeContext,
  since: Date,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent> {
  const call = signal === undefined ? {} : { signal };
  for await (const batch of batches(context, new Tracker(), since, call)) yield* batch;
}

/** The events of one subscription after the other, what lies between two of them made up for. */
async function* batches(
  context: RuntimeContext,
  tracker: Tracker,
  since: Date,
  options: Options,
): AsyncGenerator<readonly ContainerEvent[]> {
  let known = since;
  for (let first = true; ; first = false) {
    options.signal?.throwIfAborted();
    const begun = new Date();
    try {
      for await (const item of subscribe(context, known, options)) {
        if (item.kind === "beginning") {
          known = begun;
          yield inOrder(tracker.resumed(item, new Date()));
        } else {
          known = latest(known, item.time.getTime() - LATE_MS);
          yield tracker.heard(item);
        }
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isInterruption(error)) throw mapError(error, "events");
      context.logger.debug("the events were interrupted", { first, error });
    }
    await pause(PAUSE_MS, options);
    try {
      await context.client.waitUntilReady({ timeoutMs: OUTAGE_MS, ...options });
    } catch (error) {
      options.signal?.throwIfAborted();
      throw mapError(error, "events");
    }
  }
}

function latest(known: Date, time: number): Date {
  return time > known.getTime() ? new Date(time) : known;
}

function isInterruption(error: unknown): boolean {
  if (error instanceof SubscriptionEnded) return true;
  // A daemon that is stopped ends its calls first, and its connections after that.
  return (
    isContainerdError(error) && (error.connection || isContainerdError(error, "unavailable", "aborted", "canceled"))
  );
}

/** By time, as far as the order of what happened to the same container lets it. */
function inOrder(events: readonly ContainerEvent[]): ContainerEvent[] {
  const latest = new Map<string, number>();
  const placed = events.map((event) => {
    const at = Math.max(event.time.getTime(), latest.get(event.id) ?? -Infinity);
    latest.set(event.id, at);
    return { at, event };
  });
  return placed.sort((a, b) => a.at - b.at).map(({ event }) => event);
}
