import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ScenarioResult } from "../measure/run-scenario.js";
import { drawChart } from "./chart.js";
import type { Machine } from "./machine.js";
import { chartPath, performancePage } from "./performance-page.js";

interface Report {
  readonly machine: Machine;
  readonly results: readonly ScenarioResult[];
}

/**
 * Writes the JSON, and draws the page and its charts from what the JSON says. What was measured before on the same
 * machine, and was not now, stays. Resolves with the page's path.
 */
export async function writeReport(docs: string, measured: Report, order: readonly string[]): Promise<string> {
  const page = join(docs, "performance.md");
  const json = join(docs, "performance", "figures.json");
  await mkdir(dirname(json), { recursive: true });
  const report = { ...measured, results: merged(readReport(await existing(json)), measured, order) };
  await writeFile(json, `${JSON.stringify(report, rounded, 1)}\n`);
  for (const result of report.results)
    await writeFile(join(docs, chartPath(result)), drawChart(result, footnote(report, result)));
  await writeFile(page, performancePage(await existing(page), report.results, report.machine));
  return page;
}

function footnote({ machine }: Report, { date }: ScenarioResult): string {
  return `${date}, ${machine.processors} × ${machine.processor}, Node.js ${machine.node}, ${machine.containerd}`;
}

function merged(before: Report | undefined, { machine, results }: Report, order: readonly string[]): ScenarioResult[] {
  const kept = before !== undefined && isSameMachine(before.machine, machine) ? before.results : [];
  const byName = new Map([...kept, ...results].map((result) => [result.name, result]));
  return order.flatMap((name) => byName.get(name) ?? []);
}

/** All but the day. */
function isSameMachine(a: Machine, b: Machine): boolean {
  return JSON.stringify({ ...a, date: "" }) === JSON.stringify({ ...b, date: "" });
}

/** What an earlier run wrote; undefined where there is none, or another program's. */
function readReport(text: string | undefined): Report | undefined {
  const report: unknown = text === undefined ? undefined : JSON.parse(text);
  return isReport(report) ? report : undefined;
}

function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null || !("machine" in value) || !("results" in value)) return false;
  const { results } = value;
  return Array.isArray(results) && results.every((result: unknown) => isResult(result));
}

function isResult(value: unknown): boolean {
  return typeof value === "object" && value !== null && "name" in value && "date" in value && "contenders" in value;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

async function existing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
