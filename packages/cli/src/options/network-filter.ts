import type { NetworkInfo } from "@voiyd/networking-cni";
import { invalid } from "@voiyd/runtime-api";
import { parseBoolean } from "../command-line/boolean.js";
import { readFilters } from "./filters.js";
import { parseLabelFilter } from "./label-filter.js";
import { parsePruneFilters } from "./prune-filter.js";

type Test = (network: NetworkInfo) => boolean;

/** How one value of a key is judged. Of the same key any value may fit, of labels all have to. */
const TESTS: Readonly<Record<string, (value: string) => Test>> = {
  dangling: (value) => {
    const on = parseBoolean(value);
    if (on === undefined) throw invalid("--filter", `dangling=${value}`, "dangling=true or dangling=false");
    return ({ containers }) => (containers.length === 0) === on;
  },
  driver:
    (value) =>
    ({ plugins }) =>
      plugins.includes(value),
  label: (value) => {
    const fits = parseLabelFilter(value);
    return ({ labels }) => fits(labels);
  },
  name:
    (value) =>
    ({ name }) =>
      name.includes(value),
  scope: (value) => () => value === "local",
  type: (value) => {
    if (value !== "custom" && value !== "builtin")
      throw invalid("--filter", `type=${value}`, "type=custom or type=builtin");
    return ({ isDefault }) => isDefault === (value === "builtin");
  },
};

/** The filters of `docker network ls`. Throws `INVALID_ARGUMENT`. */
export function parseNetworkFilters(texts: readonly string[]): Test {
  const tests = [...readFilters(texts, Object.keys(TESTS))].map(([key, values]): Test => {
    const ones = values.flatMap((value) => TESTS[key]?.(value) ?? []);
    return key === "label"
      ? (network) => ones.every((fits) => fits(network))
      : (network) => ones.some((fits) => fits(network));
  });
  return (network) => tests.every((fits) => fits(network));
}

/** The filters of `docker network prune`, but for the time: nobody keeps when a network was made. Throws `INVALID_ARGUMENT`. */
export function parseNetworkPruneFilters(texts: readonly string[]): (labels: NetworkInfo["labels"]) => boolean {
  const timed = texts.find((text) => text.startsWith("until="));
  if (timed !== undefined) {
    throw invalid("--filter", timed, "about labels: nobody keeps when a network was made");
  }
  const nowhen = new Date(0);
  const isWanted = parsePruneFilters(texts, nowhen);
  return (labels) => isWanted({ created: nowhen, labels });
}
