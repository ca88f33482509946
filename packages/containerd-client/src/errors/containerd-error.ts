import type { ContainerdErrorCode } from "./error-code.js";

const BRAND: symbol = Symbol.for("voiyd.io/ContainerdError");

export interface ContainerdErrorOptions {
  /** The call that failed, as `Tasks/Create`. */
  readonly method: string;
  /** The daemon did not answer at all: it is unknown whether the call took effect. */
  readonly connection?: boolean;
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * A call to containerd that failed. `message` is the daemon's own text; branch on `code`. On containerd 1.6 the code
 * alone can mislead (a delete of a running task answers `unknown`): where it matters, read the state again.
 */
export class ContainerdError extends Error {
  readonly code: ContainerdErrorCode;
  readonly method: string;
  readonly connection: boolean;
  readonly hint: string | undefined;

  constructor(code: ContainerdErrorCode, message: string, options: ContainerdErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ContainerdError";
    this.code = code;
    this.method = options.method;
    this.connection = options.connection ?? false;
    this.hint = options.hint;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for instances of another copy of this package too (ESM beside CommonJS). */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ContainerdError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/** Whether `value` is a {@link ContainerdError}, and, where codes are given, one with any of these codes. */
export function isContainerdError(value: unknown, ...codes: readonly ContainerdErrorCode[]): value is ContainerdError {
  return value instanceof ContainerdError && (codes.length === 0 || codes.includes(value.code));
}
