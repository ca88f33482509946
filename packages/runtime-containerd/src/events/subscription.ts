import type { Envelope } from "@voiyd/containerd-client";
import { within } from "../concurrency/within.js";
import { filter, fieldIs } from "../container/filter.js";
import type { RuntimeContext } from "../context.js";
import { type DaemonEvent, parseEnvelope, TOPICS } from "./daemon-event.js";
import { type Found, listFindings } from "./list-findings.js";
import { publishMark } from "./mark.js";
import type { Removal } from "./removal.js";
import { readRemovals } from "./removal-log.js";

type Options = { signal?: AbortSignal };

/** What a subscription begins with: all containers as they are, and what was said while they were listed. */
export interface Beginning {
  readonly kind: "beginning";
  readonly containers: readonly Found[];
  readonly meanwhile: readonly DaemonEvent[];
  /** What is known of containers that were gone by then. */
  readonly removals: ReadonlyMap<string, Removal>;
}

/** After this long without a mark another one is sent: the first may have come before the daemon listened to us. */
const MARK_MS = 100;

/**
 * One subscription, until it breaks; then it throws what broke it. The daemon does not say when it has begun to listen,
 * and does not say again what was missed: so marks are sent until one comes back, and the containers are listed after
 * that. Whatever changes from then on is either in the list, or said, or both. What was removed since `since`, and before
 * the list, is in the log of removals, which is read last.
 */
export async function* subscribe(
  context: RuntimeContext,
  since: Date,
  options: Options,
): AsyncGenerator<Beginning | DaemonEvent> {
  const { client, namespace } = context;
  const filters = TOPICS.map((topic) => filter(fieldIs("namespace", namespace), fieldIs("topic", topic)));
  const events = client.events.subscribe({ filters }, options)[Symbol.asyncIterator]();
  try {
    const reader = new MarkReader(context, events, options);
    const before = await reader.untilMark();
    const containers = await listFindings(context, options);
    const removals = await readRemovals(context, since);
    const during = await reader.untilMark();
    yield { kind: "beginning", containers, meanwhile: [...before, ...during], removals };
    for (;;) {
      const event = await reader.next();
      if (event.kind !== "mark") yield event;
    }
  } finally {
    await events.return?.();
  }
}

type Envelopes = AsyncIterator<Envelope, unknown>;

class MarkReader {
  readonly #context: RuntimeContext;
  readonly #events: Envelopes;
  readonly #options: Options;
  /** The next event, once somebody has asked for it. Kept until it is taken. */
  #ahead: Promise<DaemonEvent> | undefined;

  constructor(context: RuntimeContext, events: Envelopes, options: Options) {
    this.#context = context;
    this.#events = events;
    this.#options = options;
  }

  /** Sends marks until one of them arrives; resolves with what came before it. */
  async untilMark(): Promise<DaemonEvent[]> {
    const marks = new Set<string>();
    const seen: DaemonEvent[] = [];
    // A call is made when its first answer is asked for.
    void this.#peek();
    for (;;) {
      marks.add(await publishMark(this.#context, this.#options));
      for (;;) {
        const event = await within(this.#peek(), MARK_MS, this.#options.signal);
        if (event === undefined) break;
        this.#ahead = undefined;
        if (event.kind !== "mark") seen.push(event);
        else if (marks.has(event.id)) return seen;
      }
    }
  }

  async next(): Promise<DaemonEvent> {
    const event = await this.#peek();
    this.#ahead = undefined;
    return event;
  }

  #peek(): Promise<DaemonEvent> {
    if (this.#ahead !== undefined) return this.#ahead;
    this.#ahead = this.#read();
    // Whoever waits for it hears of its failure; until somebody does it is no unhandled one.
    this.#ahead.catch(() => undefined);
    return this.#ahead;
  }

  async #read(): Promise<DaemonEvent> {
    for (;;) {
      const next = await this.#events.next();
      if (next.done === true) throw new SubscriptionEnded();
      const event = parseEnvelope(next.value);
      if (event !== undefined) return event;
    }
  }
}

/** The daemon has ended the stream of its own accord, as it does when it is stopped. */
export class SubscriptionEnded extends Error {
  constructor() {
    super("the daemon has ended the stream of events");
    this.name = "SubscriptionEnded";
  }
}
