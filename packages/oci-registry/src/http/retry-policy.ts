import { RuntimeError } from "@voiyd/runtime-api";
import type { Clock } from "./clock.js";
import { connectionFailure, failureReason, mayPass } from "./connection-failure.js";
import { showUrl } from "./show-url.js";
import type { HttpResponse } from "./transport.js";

export interface RetryOptions {
  readonly attempts: number;
  readonly longestWaitMs: number;
  readonly clock: Clock;
  /** From 0 up to 1, to spread clients that failed together. */
  readonly random: () => number;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
const PASSING_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** Counts the attempts at one thing, and waits between them. */
export class Retry {
  readonly #options: RetryOptions;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;

  constructor(options: RetryOptions, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#signal = signal;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Things went forward: the count starts again. */
  progressed(): void {
    this.#failures = 0;
  }

  /** Waits for the next attempt. Throws the typed error when there is none, or none that could help. */
  async afterError(url: URL, error: unknown): Promise<void> {
    this.#signal?.throwIfAborted();
    const reason = failureReason(error);
    if (reason === undefined) throw error;
    this.#failures += 1;
    if (!mayPass(reason, error) || this.#spent) throw connectionFailure(url, error, this.#failures);
    await this.#sleep(this.#backoff());
  }

  /** Waits when the answer may be another next time, and says so. An answer that stands is left to the caller. */
  async afterAnswer(response: HttpResponse): Promise<boolean> {
    if (!PASSING_STATUSES.includes(response.status)) return false;
    this.#failures += 1;
    if (this.#spent) return false;
    const asked = retryAfterMs(response.headers["retry-after"], this.#options.clock.now());
    if (asked !== undefined && asked > this.#options.longestWaitMs) return false;
    await response.discard();
    await this.#sleep(asked ?? this.#backoff());
    return true;
  }

  get #spent(): boolean {
    return this.#failures >= this.#options.attempts;
  }

  #backoff(): number {
    const full = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
    return Math.round(full * (0.5 + this.#options.random() / 2));
  }

  #sleep(ms: number): Promise<void> {
    return this.#options.clock.sleep(ms, this.#signal);
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

/** The typed error for a registry that would not have us now. */
export function rateLimited(response: HttpResponse, subject: string, now: number): RuntimeError {
  const wait = retryAfterMs(response.headers["retry-after"], now);
  return new RuntimeError(
    "REGISTRY_RATE_LIMITED",
    `${subject}: ${response.url.host} takes no more requests for now (429)`,
    {
      hint:
        wait === undefined
          ? "log in, or try again later"
          : `log in, or try again in ${String(Math.ceil(wait / 1000))} s`,
      details: { url: showUrl(response.url), status: 429, ...(wait !== undefined && { retryAfterMs: wait }) },
    },
  );
}
