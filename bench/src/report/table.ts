import type { ScenarioResult } from "../measure/run-scenario.js";
import { figureText, ratioText, spreadText } from "./number-text.js";
import { targetText } from "./target-text.js";

/** A scenario as lines for the terminal. */
export function resultTable(result: ScenarioResult): string {
  const rows = result.contenders.map((contender) => [
    contender.name,
    contender.role,
    figureText(contender.median, result.unit),
    spreadText(contender),
    contender.ratio === undefined ? "" : ratioText(contender.ratio.median),
  ]);
  const head = ["", "", "median", "spread", "ours / theirs"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd();
  return [
    `${result.name}: ${result.title} (${result.rounds} ${result.rounds === 1 ? "round" : "rounds"})`,
    line(head),
    ...rows.map(line),
    ...result.targets.map((target) => `  target: ${targetText(target, result.unit)}`),
    ...(result.missing.length === 0
      ? []
      : [`  not here: ${result.missing.map(({ name, why }) => `${name} (${why})`).join("; ")}`]),
  ].join("\n");
}
