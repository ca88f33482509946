import type { Arguments } from "../command-line/arguments.js";
import type { OptionSpec } from "../command-line/option-table.js";
import { UsageError } from "../command-line/usage-error.js";

export type Format = "table" | "json";

export const FORMAT_OPTION: OptionSpec = {
  kind: "value",
  value: "FORMAT",
  help: "table (default), or json: an object on each line",
};

/** Throws {@link UsageError}. */
export function readFormat(args: Arguments): Format {
  const format = args.value("format") ?? "table";
  if (format === "table" || format === "json") return format;
  throw new UsageError(`option --format takes table or json, not ${JSON.stringify(format)}`);
}
