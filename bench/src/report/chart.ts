import type { ContenderResult, ScenarioResult } from "../measure/run-scenario.js";
import type { Role } from "../scenario.js";
import { figureText, ratioText } from "./number-text.js";

const WIDTH = 720;
const NAME_WIDTH = 250;
const TEXT_WIDTH = 170;
const ROW = 28;
const TOP = 34;
const BOTTOM = 24;

/** Readable on light and on dark pages. */
const COLOURS: Readonly<Record<Role, string>> = { ours: "#2f7ed8", peer: "#9aa4b1", floor: "#5fae7b" };

/** One bar for each contender, as long as its median, with a whisker over the middle half of its figures. */
export function drawChart(result: ScenarioResult, footnote: string): string {
  const height = TOP + result.contenders.length * ROW + BOTTOM;
  const longest = Math.max(...result.contenders.map(({ high }) => high));
  const scale = (WIDTH - NAME_WIDTH - TEXT_WIDTH) / longest;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${escape(result.title)}</title>`,
    `<style>text { fill: #24292f } @media (prefers-color-scheme: dark) { text { fill: #d0d7de } }</style>`,
    `<text x="0" y="18" font-weight="600">${escape(result.title)}</text>`,
    ...result.contenders.map((contender, row) => bar(contender, result, TOP + row * ROW, scale)),
    `<text x="0" y="${height - 6}" font-size="10">${escape(footnote)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function bar(contender: ContenderResult, { unit }: ScenarioResult, y: number, scale: number): string {
  const { name, role, median, low, high, ratio } = contender;
  const middle = y + 9;
  const at = (value: number): string => (NAME_WIDTH + value * scale).toFixed(1);
  const text = `${figureText(median, unit)}${ratio === undefined ? "" : ` (ours: ${ratioText(ratio.median)})`}`;
  return [
    `<text x="${NAME_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escape(name)}</text>`,
    `<rect x="${NAME_WIDTH}" y="${y}" width="${(median * scale).toFixed(1)}" height="18" rx="2" fill="${COLOURS[role]}"/>`,
    `<path d="M${at(low)} ${middle}H${at(high)}M${at(low)} ${middle - 4}v8M${at(high)} ${middle - 4}v8" stroke="#57606a" fill="none"/>`,
    `<text x="${(NAME_WIDTH + Math.max(median, high) * scale + 8).toFixed(1)}" y="${y + 13}">${escape(text)}</text>`,
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
