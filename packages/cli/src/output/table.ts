import { escapeText } from "./escape.js";

const GAP = "   ";

/** Columns side by side, everything in the cells made safe for a terminal. Ends with a line end. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((row) => row.map(escapeText));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ""))));
  return lines
    .map(
      (line) =>
        line
          .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell)))
          .join(GAP)
          .trimEnd() + "\n",
    )
    .join("");
}

/** At most `length` characters, the last one `…` when something was cut off. */
export function truncate(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

function width(text: string): number {
  return Array.from(text).length;
}
