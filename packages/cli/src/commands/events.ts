import type { ContainerEvent } from "@voiyd/runtime-api";
import { parseEventFilters } from "../options/event-filter.js";
import { parseMoment } from "../options/moment.js";
import { escapeText, toJson } from "../output/escape.js";
import type { Fields } from "../template/value.js";
import type { Command } from "./command.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat } from "./format.js";
import { viewOf, type Names } from "./listing.js";

/** `voiyd events`. */
export const events: Command = {
  usage: "events [OPTIONS]",
  summary: "Tell what happens to containers, as it happens",
  options: {
    filter: { kind: "list", short: "f", value: "KEY=VALUE", help: "container, event, image, label or type" },
    format: { kind: "value", value: "FORMAT", help: DETAIL_FORMAT_OPTION.help },
    since: { kind: "value", value: "TIME", help: "also what happened since, as far as containers that are there tell" },
    until: { kind: "value", value: "TIME", help: "end then; without, go on" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings }) {
    const format = readDetailFormat(args);
    const now = surroundings.now();
    const [since, until] = ["since", "until"].map((name) => {
      const text = args.value(name);
      return text === undefined ? undefined : parseMoment(`--${name}`, text, now);
    });
    const told = (await runtime()).events({
      filters: parseEventFilters(args.list("filter")),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      signal,
    });
    const render = (event: ContainerEvent): string => {
      if (format === undefined) return asText(event);
      return format === "json" ? toJson(record(event)) : format.render(viewOf(names(event), record(event)));
    };
    for await (const event of told) await surroundings.stdout.write(`${render(event)}\n`);
    return 0;
  },
};

/** As Docker writes it: the time, what happened to what, and what is known of it. */
function asText(event: ContainerEvent): string {
  const attributes = Object.entries(attributesOf(event)).map(([key, value]) => `${key}=${value}`);
  return escapeText(`${event.time.toISOString()} container ${event.action} ${event.id} (${attributes.join(", ")})`);
}

/** Docker's keys, so that scripts for `docker events --format json` go on working. */
function record(event: ContainerEvent): Fields {
  const { action, id, image, time, synthetic } = event;
  return {
    status: action,
    id,
    from: image,
    Type: "container",
    Action: action,
    Actor: { ID: id, Attributes: attributesOf(event) },
    scope: "local",
    time: Math.floor(time.getTime() / 1000),
    timeNano: time.getTime() * 1_000_000,
    synthetic,
  };
}

/** Those of Docker's templates, which are not in every case those of its JSON. */
function names(event: ContainerEvent): Names {
  const { action, id, image, time, synthetic } = event;
  return {
    ID: id,
    Status: action,
    From: image,
    Type: "container",
    Action: action,
    Actor: { ID: id, Attributes: attributesOf(event) },
    Scope: "local",
    Time: Math.floor(time.getTime() / 1000),
    TimeNano: time.getTime() * 1_000_000,
    synthetic,
  };
}

/** The labels beside Docker's own attributes, which come last: a label cannot pretend to be one. */
function attributesOf({
  labels,
  image,
  name,
  exitCode,
  execId,
  oldName,
  synthetic,
}: ContainerEvent): Record<string, string> {
  const own: readonly (readonly [string, string | undefined])[] = [
    ["execID", execId],
    ["exitCode", exitCode === undefined ? undefined : String(exitCode)],
    ["image", image],
    ["name", name],
    ["oldName", oldName],
    ["synthetic", synthetic ? "true" : undefined],
  ];
  const attributes = new Map(Object.entries(labels));
  for (const [key, value] of own) if (value !== undefined) attributes.set(key, value);
  return Object.fromEntries(attributes);
}
