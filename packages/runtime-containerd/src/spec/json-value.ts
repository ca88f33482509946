import { isRecord } from "../container/json.js";

/** Reads members of a JSON document that others wrote, and says with `fail` what is wrong with it and where. */
export class JsonValue {
  readonly #value: unknown;
  readonly #where: string;
  readonly #fail: (where: string, problem: string) => Error;

  constructor(value: unknown, where: string, fail: (where: string, problem: string) => Error) {
    this.#value = value;
    this.#where = where;
    this.#fail = fail;
  }

  get where(): string {
    return this.#where;
  }

  /** Whether there is anything: Go writes `null` for what is empty. */
  get given(): boolean {
    return this.#value !== undefined && this.#value !== null;
  }

  member(key: string): JsonValue {
    if (!this.given) return this.#child(undefined, `.${key}`);
    if (!isRecord(this.#value)) throw this.wrong("is no object");
    return this.#child(Object.hasOwn(this.#value, key) ? this.#value[key] : undefined, `.${key}`);
  }

  /** The elements of a list; none where nothing is given. */
  list(): readonly JsonValue[] {
    if (!this.given) return [];
    if (!Array.isArray(this.#value)) throw this.wrong("is no list");
    return this.#value.map((item: unknown, index) => this.#child(item, `[${String(index)}]`));
  }

  entries(): readonly (readonly [string, JsonValue])[] {
    if (!this.given) return [];
    if (!isRecord(this.#value)) throw this.wrong("is no object");
    return Object.entries(this.#value).map(([key, item]) => [key, this.#child(item, `.${key}`)] as const);
  }

  string(): string {
    if (typeof this.#value !== "string") throw this.wrong("is no string");
    return this.#value;
  }

  optionalString(): string | undefined {
    return this.given ? this.string() : undefined;
  }

  strings(): readonly string[] {
    return this.list().map((item) => item.string());
  }

  /** A whole number from 0 that JavaScript can tell from its neighbours. */
  count(): number {
    if (typeof this.#value !== "number" || !Number.isSafeInteger(this.#value) || this.#value < 0) {
      throw this.wrong(`is no whole number from 0 to ${String(Number.MAX_SAFE_INTEGER)}`);
    }
    return this.#value;
  }

  optionalCount(): number | undefined {
    return this.given ? this.count() : undefined;
  }

  /** One of the given words. */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    const text = this.string();
    const word = words.find((item) => item === text);
    if (word === undefined) throw this.wrong(`is ${JSON.stringify(text)}, which is none of ${words.join(", ")}`);
    return word;
  }

  wrong(problem: string): Error {
    return this.#fail(this.#where, problem);
  }

  #child(value: unknown, step: string): JsonValue {
    return new JsonValue(value, `${this.#where}${step}`, this.#fail);
  }
}
