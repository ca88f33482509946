import type { Container } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import { networksOf, parseContainerFilters } from "../options/container-filter.js";
import { parseInteger } from "../options/number.js";
import { renderPorts } from "../output/ports.js";
import { isRestarting, renderStatus, stateOf } from "../output/status.js";
import { truncate } from "../output/table.js";
import { ago } from "../output/time.js";
import type { Command } from "./command.js";
import { chooseContainers } from "./container/choose.js";
import { sizesOf } from "./container/sizes.js";
import { FORMAT_OPTION, readFormat, type Format } from "./format.js";
import { labelNames, renderListing, type Listing, type Names } from "./listing.js";

const HEADER = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];
const SHORT_ID = 12;
const SHORT_COMMAND = 20;

/** `voiyd ps`. */
export const ps: Command = {
  usage: "ps [OPTIONS]",
  summary: "List containers",
  options: {
    all: { kind: "flag", short: "a", help: "also those that do not run" },
    filter: {
      kind: "list",
      short: "f",
      value: "KEY=VALUE",
      help: "only those: name=, id=, label=, status=, exited=, health=, ancestor=, volume=, network=, publish=, before=, since=",
    },
    format: FORMAT_OPTION,
    last: { kind: "value", short: "n", value: "NUMBER", help: "the newest of them, whether they run or not" },
    latest: { kind: "flag", short: "l", help: "the newest one, whether it runs or not" },
    "no-trunc": { kind: "flag", help: "cut nothing off" },
    quiet: { kind: "flag", short: "q", help: "only the ids" },
    size: { kind: "flag", short: "s", help: "what they have written, and with their image" },
  },
  operands: [0, 0],
  async execute(context) {
    const { args, signal, surroundings } = context;
    const format = readFormat(args);
    const full = args.flag("no-trunc");
    const now = surroundings.now();
    const filters = parseContainerFilters(args.list("filter"));
    const most = readMost(args);
    const withEnded = args.flag("all") || filters.withEnded || most !== undefined;
    const runtime = await context.runtime();
    const listed = await chooseContainers(await runtime.list({ signal }), filters, context);
    const containers = listed
      .filter((container) => withEnded || mayRun(container))
      .sort((a, b) => b.meta.created.getTime() - a.meta.created.getTime())
      .slice(0, most);

    const quiet = args.flag("quiet");
    const withSize = args.flag("size") || asksForSize(format);
    const sizes = withSize && !quiet ? await sizesOf(runtime, containers, signal) : undefined;

    if (quiet) await surroundings.stdout.write(containers.map((container) => `${idOf(container, full)}\n`).join(""));
    else await surroundings.stdout.write(renderListing(format, containers, listing(now, full, sizes)));
    return 0;
  },
};

/** Names of templates, and their titles. */
const TITLES = {
  ID: "CONTAINER ID",
  Names: "NAMES",
  Image: "IMAGE",
  Command: "COMMAND",
  CreatedAt: "CREATED AT",
  RunningFor: "CREATED",
  State: "STATE",
  Status: "STATUS",
  Ports: "PORTS",
  Networks: "NETWORKS",
  Labels: "LABELS",
  Mounts: "MOUNTS",
  LocalVolumes: "LOCAL VOLUMES",
  Size: "SIZE",
};

function listing(now: Date, full: boolean, sizes: ReadonlyMap<string, string> | undefined): Listing<Container> {
  const sizeOf = ({ status }: Container): string[] => (sizes === undefined ? [] : [sizes.get(status.id) ?? ""]);
  return {
    header: sizes === undefined ? HEADER : [...HEADER, "SIZE"],
    cells: (container) => [...row(container, now, full), ...sizeOf(container)],
    json: (container) => record(container, now, sizes),
    names: (container) => names(container, now, full, sizes),
    titles: TITLES,
  };
}

/** As with Docker, sizes are looked for when a template shows them. */
function asksForSize(format: Format): boolean {
  return typeof format === "object" && format.template.asksFor("Size");
}

/** How many are shown at most. Docker takes 0 and every negative number for "all that would be shown without". */
function readMost(args: Arguments): number | undefined {
  const last = args.value("last");
  const most = last === undefined ? 0 : parseInteger("--last", last);
  if (most > 0) return most;
  return args.flag("latest") ? 1 : undefined;
}

/** A container whose state cannot be read may well run: hiding it would hide the trouble. */
function mayRun({ status }: Container): boolean {
  return status.phase === "running" || status.phase === "paused" || status.phase === "unknown" || isRestarting(status);
}

function row(container: Container, now: Date, full: boolean): string[] {
  return [
    idOf(container, full),
    container.config.image,
    quotedCommand(container, full),
    ago(container.meta.created, now),
    renderStatus(container, now),
    renderPorts(portsOf(container)),
    container.meta.name,
  ];
}

/** Docker's keys, so that scripts for `docker ps --format json` go on working; ids and commands in full length. */
function record(container: Container, now: Date, sizes?: ReadonlyMap<string, string>): Record<string, string> {
  const { meta, config, status } = container;
  return {
    ID: status.id,
    Names: meta.name,
    Image: config.image,
    Command: commandOf(container),
    CreatedAt: meta.created.toISOString(),
    RunningFor: ago(meta.created, now),
    State: stateOf(container),
    Status: renderStatus(container, now),
    Ports: renderPorts(portsOf(container)),
    Networks: networksOf(container).join(","),
    Labels: Object.entries(meta.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    ...(sizes === undefined ? {} : { Size: sizes.get(status.id) ?? "" }),
  };
}

/** What templates name: the keys of {@link record}, with ids and commands as the table shows them. */
function names(container: Container, now: Date, full: boolean, sizes?: ReadonlyMap<string, string>): Names {
  const { meta, config } = container;
  const mounts = (config.mounts ?? []).filter((mount) => mount.type !== "tmpfs");
  return {
    ...record(container, now, sizes),
    ...labelNames(meta.labels),
    ID: idOf(container, full),
    Command: quotedCommand(container, full),
    Mounts: mounts.map((mount) => (mount.type === "bind" ? mount.source : (mount.name ?? mount.destination))).join(","),
    LocalVolumes: String(mounts.filter(({ type }) => type === "volume").length),
  };
}

function quotedCommand(container: Container, full: boolean): string {
  const command = commandOf(container);
  return command === "" ? "" : `"${full ? command : truncate(command, SHORT_COMMAND)}"`;
}

/** What it was started with; for a runtime that does not say it, what was asked for. */
function commandOf({ config, status }: Container): string {
  return (status.command ?? [...(config.entrypoint ?? []), ...(config.args ?? [])]).join(" ");
}

/** Ports that were only asked for are not listening anywhere: no status, no ports. */
function portsOf({ status }: Container): NonNullable<Container["status"]["ports"]> {
  return status.phase === "exited" ? [] : (status.ports ?? []);
}

function idOf({ status }: Container, full: boolean): string {
  return full ? status.id : status.id.slice(0, SHORT_ID);
}
