/** The command line itself is wrong: printed with the usage line. */
export class UsageError extends Error {
  /** What to type instead, when that can be said. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = "UsageError";
    this.hint = hint;
  }
}
