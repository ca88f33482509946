import { UsageError } from "../command-line/usage-error.js";

const EXCERPT = 24;

/** What is wrong with a template, or with what it was to show, and where in the template that is. */
export function problemAt(source: string, at: number, problem: string, hint?: string): UsageError {
  const rest = Array.from(source.slice(at, at + 2 * EXCERPT));
  const excerpt = rest.length > EXCERPT ? `${rest.slice(0, EXCERPT).join("")}…` : rest.join("");
  const place = at >= source.length ? "at its end" : `at character ${at + 1}, ${JSON.stringify(excerpt)}`;
  return new UsageError(`the template, ${place}: ${problem}`, hint);
}
