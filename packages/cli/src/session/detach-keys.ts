import { UsageError } from "../command-line/usage-error.js";

/** Docker's: Ctrl-P, then Ctrl-Q. */
export const DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q";

/**
 * The bytes that a text such as `ctrl-p,ctrl-q` stands for: single characters, and `ctrl-` with a letter or one of
 * `@[\]^_`, separated by commas. Throws {@link UsageError}.
 */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(","), (key) => {
    const code = keyCode(key);
    if (code !== undefined) return code;
    throw new UsageError(
      `option --detach-keys does not know the key ${JSON.stringify(key)}`,
      "keys are single characters or ctrl-a to ctrl-z, ctrl-@, ctrl-[, ctrl-\\, ctrl-], ctrl-^ and ctrl-_, with commas between them",
    );
  });
}

function keyCode(key: string): number | undefined {
  if (/^ctrl-[a-zA-Z@[\\\]^_]$/.test(key)) return key.slice(-1).toUpperCase().charCodeAt(0) & 0x1f;
  return key.length === 1 && key.charCodeAt(0) < 0x80 ? key.charCodeAt(0) : undefined;
}

/** Finds a sequence of keys in what is typed. What may be its beginning is held back until it is certain. */
export class DetachFilter {
  readonly #keys: Uint8Array;
  #matched = 0;

  /** No keys are never found. */
  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** What is to be passed on of `chunk` and of what was held back, and whether the sequence is complete. */
  take(chunk: Uint8Array): { readonly data: Uint8Array; readonly detach: boolean } {
    if (this.#keys.length === 0) return { data: chunk, detach: false };
    const passed: number[] = [];
    for (const byte of chunk) {
      if (byte !== this.#keys[this.#matched]) {
        passed.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte !== this.#keys[this.#matched]) passed.push(byte);
      else if (++this.#matched === this.#keys.length) return { data: Uint8Array.from(passed), detach: true };
    }
    return { data: Uint8Array.from(passed), detach: false };
  }
}
