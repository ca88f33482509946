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

/** Writes the JSON, and draws the page and its charts from what the JSON says. Resolves with the page's path. */
export async function writeReport(docs: string, report: Report): Promise<string> {
  const page = join(docs, "performance.md");
  const json = join(docs, "performance", "figures.json");
  await mkdir(dirname(json), { recursive: true });
  await writeFile(json, `${JSON.stringify(report, rounded, 1)}\n`);
  const footnote = `${report.machine.date}, ${report.machine.processors} × ${report.machine.processor}, Node.js ${report.machine.node}, ${report.machine.containerd}`;
  for (const result of report.results) await writeFile(join(docs, chartPath(result)), drawChart(result, footnote));
  await writeFile(page, performancePage(await existing(page), report.results, report.machine));
  return page;
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
