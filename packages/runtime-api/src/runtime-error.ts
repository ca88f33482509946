import type { RuntimeErrorCode } from "./error-code.js";

/** Facts that belong to an error, for programs. Never holds a secret. */
export type RuntimeErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface RuntimeErrorOptions {
  /** What the user can do about it, as one sentence. */
  readonly hint?: string;
  /** What failed underneath. */
  readonly cause?: unknown;
  readonly details?: RuntimeErrorDetails;
}

const BRAND = "voiyd.io/RuntimeError";
const brandKey: symbol = Symbol.for(BRAND);

/**
 * The one error class of the contract. Its `message` names the object and what failed, its `code` is what programs
 * branch on, its `hint` is what a person can do.
 *
 * `instanceof RuntimeError` is true for instances from another copy of this package too (ESM beside CommonJS, or two
 * versions in one tree): recognition goes by a registered symbol. A subclass keeps ordinary `instanceof` behaviour.
 */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  readonly hint: string | undefined;
  readonly details: RuntimeErrorDetails;

  constructor(code: RuntimeErrorCode, message: string, options: RuntimeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RuntimeError";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
    Object.defineProperty(this, brandKey, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== RuntimeError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && brandKey in value;
  }
}

/** Whether `value` is a {@link RuntimeError}, and, where codes are given, one with any of these codes. */
export function isRuntimeError(value: unknown, ...codes: readonly RuntimeErrorCode[]): value is RuntimeError {
  return value instanceof RuntimeError && (codes.length === 0 || codes.includes(value.code));
}
