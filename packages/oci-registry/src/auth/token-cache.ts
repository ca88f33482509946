import type { Clock } from "../http/clock.js";
import { unlessAborted } from "./unless-aborted.js";
import type { Token } from "./token-answer.js";

/** A token is not used any more this long before its end: it has to live until the registry has read it. */
const MARGIN_MS = 10_000;

/** Tokens by what they were asked for. Whoever asks while one is being fetched waits for that one. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, { readonly value: string; readonly until: number }>();
  readonly #flights = new Map<string, Promise<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `load` gets no signal of a caller: the others still wait when one gives up. */
  get(key: string, load: () => Promise<Token>, signal: AbortSignal | undefined): Promise<string> {
    const known = this.#tokens.get(key);
    if (known !== undefined && known.until > this.#clock.now()) return Promise.resolve(known.value);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#load(key, load);
      this.#flights.set(key, flight);
    }
    return unlessAborted(flight, signal);
  }

  /** Forgets a token that a registry refused, unless it has been replaced already. */
  forget(key: string, value: string): void {
    if (this.#tokens.get(key)?.value === value) this.#tokens.delete(key);
  }

  async #load(key: string, load: () => Promise<Token>): Promise<string> {
    try {
      const { value, lifeMs } = await load();
      this.#tokens.set(key, { value, until: this.#clock.now() + lifeMs - MARGIN_MS });
      return value;
    } finally {
      this.#flights.delete(key);
    }
  }
}
