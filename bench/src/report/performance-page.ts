import type { ScenarioResult } from "../measure/run-scenario.js";
import { type Machine, machineText } from "./machine.js";
import { figureText, ratioText, spreadText } from "./number-text.js";
import { targetText } from "./target-text.js";

/** What stands in the page beside the figures, written by hand and kept when the page is made anew. */
const BEGIN = "<!-- figures: begin (written by `npm run bench`) -->";
const END = "<!-- figures: end -->";

const FIRST_PAGE = [
  "# Performance",
  "",
  "Every figure here stands beside its peers, measured in one run, in turn. Read the ratios: the figures are this machine's.",
  "A floor is the same work done by as little code as can do it. Charts show medians; whiskers, the middle half.",
  "Measure for yourself with `npm run bench`, as root.",
  "",
  BEGIN,
  END,
  "",
].join("\n");

/** The page with the figures in it replaced, and all that was written around them kept. */
export function performancePage(
  previous: string | undefined,
  results: readonly ScenarioResult[],
  machine: Machine,
): string {
  const page = previous?.includes(BEGIN) === true && previous.includes(END) ? previous : FIRST_PAGE;
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  return [
    before,
    "",
    `Measured ${machineText(machine)}. The contenders of one table took turns in one run.`,
    "",
    ...results.map(section),
    after,
  ].join("\n");
}

/** Where a scenario's chart is, seen from the page. */
export function chartPath(result: ScenarioResult): string {
  return `performance/${result.name}.svg`;
}

function section(result: ScenarioResult): string {
  const rows = result.contenders.map(
    (contender) =>
      `| ${contender.name} | ${contender.role} | ${figureText(contender.median, result.unit)} | ${spreadText(contender)} | ${contender.ratio === undefined ? "" : ratioText(contender.ratio.median)} |`,
  );
  return [
    `## ${result.title}`,
    "",
    `![${result.title.replaceAll("`", "")}](${chartPath(result)})`,
    "",
    "| | | median | spread | ours / theirs |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    ...result.targets.map((target) => `- Target: ${targetText(target, result.unit)}.`),
    `- Measured on ${result.date}, ${result.rounds} ${result.rounds === 1 ? "round" : "rounds"}.`,
    ...(result.missing.length === 0
      ? []
      : [`- Not on this machine: ${result.missing.map(({ name, why }) => `${name} (${why})`).join("; ")}.`]),
    "",
  ].join("\n");
}
