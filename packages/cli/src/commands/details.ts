import { UsageError } from "../command-line/usage-error.js";
import { escapeLines, toJson } from "../output/escape.js";
import { renderFailure } from "../output/failure.js";
import type { Template } from "../template/template.js";
import type { DetailFormat } from "./format.js";
import type { Value } from "../template/value.js";
import type { Context } from "./command.js";

/**
 * Shows what was found as a list in JSON, or each as a template says; what `view` makes of it is what the template sees.
 * Then says what was not found, or could not be shown so. Resolves with the exit code.
 */
export async function showDetails<T extends object>(
  outcomes: readonly PromiseSettledResult<T>[],
  format: DetailFormat | undefined,
  view: (found: T, template: Template) => Value | Promise<Value>,
  { settings, signal, surroundings: { stdout, stderr } }: Context,
): Promise<number> {
  const failures: unknown[] = [];
  const found: T[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") found.push(outcome.value);
    else failures.push(outcome.reason);
  }
  if (format === undefined) await stdout.write(`${toJson(found, 2)}\n`);
  else if (format === "json") await stdout.write(`${toJson(found)}\n`);
  else {
    const views = await Promise.allSettled(found.map(async (one) => view(one, format)));
    signal.throwIfAborted();
    for (const seen of views) {
      if (seen.status === "rejected") {
        failures.push(seen.reason);
        continue;
      }
      const shown = attempt(format, seen.value);
      if ("failure" in shown) failures.push(shown.failure);
      // Programs get what there is, byte for byte.
      else await stdout.write(`${stdout.isTTY ? escapeLines(shown.text) : shown.text}\n`);
    }
  }
  for (const failure of failures) await stderr.write(renderFailure(failure, settings.debug));
  return failures.length === 0 ? 0 : 1;
}

/** What a template asks for may be there in one thing, and not in another. */
export function attempt(
  template: Template,
  value: Value,
): { readonly text: string } | { readonly failure: UsageError } {
  try {
    return { text: template.render(value) };
  } catch (failure) {
    if (!(failure instanceof UsageError)) throw failure;
    return { failure };
  }
}
