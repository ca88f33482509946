import { type ContainerMeta, invalid } from "@voiyd/runtime-api";
import { parseKeyValue } from "./key-value.js";
import { parseLabelFilter } from "./label-filter.js";
import { parseMoment } from "./moment.js";

type Wanted = (meta: Pick<ContainerMeta, "created" | "labels">) => boolean;

/** The filters of Docker's `prune`: all must fit. Throws `INVALID_ARGUMENT`. */
export function parsePruneFilters(texts: readonly string[], now: Date): Wanted {
  const tests = texts.map((text) => parseFilter(text, now));
  if (texts.filter((text) => text.startsWith("until=")).length > 1) {
    throw invalid("--filter", texts.join(", "), "one until at most");
  }
  return (meta) => tests.every((test) => test(meta));
}

function parseFilter(text: string, now: Date): Wanted {
  const [key, value] = parseKeyValue("--filter", text);
  switch (key) {
    case "until": {
      const until = parseMoment("--filter until", value, now);
      return ({ created }) => created < until;
    }
    case "label": {
      const fits = parseLabelFilter(value);
      return ({ labels }) => fits(labels);
    }
    case "label!": {
      const fits = parseLabelFilter(value);
      return ({ labels }) => !fits(labels);
    }
    default:
      throw invalid("--filter", text, "until=TIME, label=KEY, label=KEY=VALUE, or label!= with the same");
  }
}
