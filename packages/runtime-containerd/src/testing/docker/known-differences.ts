import type { Difference } from "./facets.js";

/** A row of the table in `docs/security.md`. */
export interface KnownDifference extends Difference {
  readonly reason: string;
}

/** The rows of the table that begins with the columns Field, Docker, voiyd and Reason. `*` in a cell stands for anything. */
export function readKnownDifferences(markdown: string): readonly KnownDifference[] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => /^\|\s*Field\s*\|\s*Docker\s*\|\s*voiyd\s*\|\s*Reason\s*\|/.test(line));
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end === -1 ? undefined : end).map((line) => {
    const [field = "", docker = "", ours = "", reason = ""] = line
      .slice(1)
      .split("|")
      .map((cell) => cell.trim().replaceAll("`", ""));
    return { field, docker, ours, reason };
  });
}

export function covers(known: KnownDifference, difference: Difference): boolean {
  return (
    fits(known.field, difference.field) && fits(known.docker, difference.docker) && fits(known.ours, difference.ours)
  );
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", "."));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}
