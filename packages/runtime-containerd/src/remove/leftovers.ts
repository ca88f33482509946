import { RuntimeError } from "@voiyd/runtime-api";

/** Collects what could not be removed, so that one failure does not stop the rest. */
export class Leftovers {
  readonly #what: string[] = [];
  readonly #errors: unknown[] = [];

  get found(): boolean {
    return this.#what.length > 0;
  }

  /** Runs a step; what it throws is kept under the name of what is left. An abort goes through. */
  async attempt(what: string, step: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      this.#what.push(what);
      this.#errors.push(error);
    }
  }

  toError(container: string): RuntimeError {
    const reasons = this.#errors.map((error) =>
      typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error),
    );
    const list = this.#what.map((what, index) => `${what} (${reasons[index] ?? ""})`).join("; ");
    return new RuntimeError("CLEANUP_INCOMPLETE", `of container ${container} is left: ${list}`, {
      hint: "mend the reason and delete it again",
      cause: this.#errors.length === 1 ? this.#errors[0] : new AggregateError(this.#errors),
      details: { container, leftovers: [...this.#what] },
    });
  }
}
