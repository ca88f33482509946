import type { Arguments } from "../command-line/arguments.js";
import type { OptionSpec } from "../command-line/option-table.js";
import { UsageError } from "../command-line/usage-error.js";
import { Template } from "../template/template.js";

/** How results are shown: as they are for people, as JSON, or as a template says. */
export type Format = "table" | "json" | TemplateFormat;

export interface TemplateFormat {
  readonly template: Template;
  /** In columns, below their titles. */
  readonly isTable: boolean;
}

/** Of what is shown one by one. */
export type DetailFormat = Template | "json";

/** Of a list. */
export const FORMAT_OPTION: OptionSpec = {
  kind: "value",
  value: "FORMAT",
  help: "table (default), json (an object on each line), a Go template, or table and a template",
};

/** Of what is shown one by one. */
export const DETAIL_FORMAT_OPTION: OptionSpec = {
  kind: "value",
  short: "f",
  value: "FORMAT",
  help: "json, or a Go template",
};

/** For {@link FORMAT_OPTION}; in the text of a template `\t` and `\n` stand for a tab and a line end. Throws {@link UsageError}. */
export function readFormat(args: Arguments): Format {
  const text = (args.value("format") ?? "").replace(/^ +/, "").replace(/ +$/, "");
  if (text === "" || text === "table") return "table";
  if (text === "json") return text;
  const source = text.replace(/^table(?!\w) */, "");
  return { template: readTemplate(source, true), isTable: source !== text };
}

/** For {@link DETAIL_FORMAT_OPTION}. Throws {@link UsageError}. */
export function readDetailFormat(args: Arguments): DetailFormat | undefined {
  const text = args.value("format") ?? "";
  if (text === "" || text === "table") return undefined;
  if (text === "json") return text;
  return readTemplate(text, false);
}

/** Without an action it is rather a word for something that there is not. */
function readTemplate(source: string, escapes: boolean): Template {
  if (source.includes("{{")) return new Template(source, { escapes });
  throw new UsageError(
    `option --format takes ${escapes ? "table, " : ""}json or a template, not ${JSON.stringify(source)}`,
  );
}
