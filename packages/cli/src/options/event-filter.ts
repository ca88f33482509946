import { CONTAINER_ACTIONS, type EventFilters, invalid } from "@voiyd/runtime-api";
import { readFilters } from "./filters.js";
import { parseLabels } from "./label.js";

/** The filters of `docker events` that are about containers. Of the same kind any may fit, labels all. Throws `INVALID_ARGUMENT`. */
export function parseEventFilters(texts: readonly string[]): EventFilters {
  const given = readFilters(texts, KEYS);
  const other = given.get("type")?.find((type) => type !== "container");
  if (other !== undefined) throw invalid("--filter", `type=${other}`, "type=container: only containers have events");
  const containers = given.get("container");
  const actions = given.get("event")?.map(parseAction);
  const images = given.get("image");
  const labels = given.get("label");
  return {
    ...(containers === undefined ? {} : { containers }),
    ...(actions === undefined ? {} : { actions }),
    ...(images === undefined ? {} : { images }),
    ...(labels === undefined ? {} : { labels: parseLabels(labels, "--filter") }),
  };
}

const KEYS: readonly string[] = ["container", "event", "image", "label", "type"];

function parseAction(text: string): (typeof CONTAINER_ACTIONS)[number] {
  const action = CONTAINER_ACTIONS.find((known) => known === text);
  if (action === undefined) throw invalid("--filter", `event=${text}`, `one of ${CONTAINER_ACTIONS.join(", ")}`);
  return action;
}
