import { DEFAULT_NETWORK, type Container } from "@voiyd/runtime-api";
import { toJson } from "../output/escape.js";
import { renderPorts } from "../output/ports.js";
import { isRestarting, renderStatus } from "../output/status.js";
import { renderTable, truncate } from "../output/table.js";
import { ago } from "../output/time.js";
import type { Command } from "./command.js";
import { FORMAT_OPTION, readFormat } from "./format.js";

const HEADER = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];
const SHORT_ID = 12;
const SHORT_COMMAND = 20;

/** `voiyd ps`. */
export const ps: Command = {
  usage: "ps [OPTIONS]",
  summary: "List containers",
  options: {
    all: { kind: "flag", short: "a", help: "also those that do not run" },
    format: FORMAT_OPTION,
    "no-trunc": { kind: "flag", help: "cut nothing off" },
    quiet: { kind: "flag", short: "q", help: "only the ids" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings }) {
    const format = readFormat(args);
    const full = args.flag("no-trunc");
    const now = surroundings.now();
    const listed = await (await runtime()).list({ signal });
    const containers = listed
      .filter((container) => args.flag("all") || mayRun(container))
      .sort((a, b) => b.meta.created.getTime() - a.meta.created.getTime());

    if (args.flag("quiet"))
      await surroundings.stdout.write(containers.map((container) => `${idOf(container, full)}\n`).join(""));
    else if (format === "json")
      await surroundings.stdout.write(containers.map((container) => `${toJson(record(container, now))}\n`).join(""));
    else
      await surroundings.stdout.write(
        renderTable(
          HEADER,
          containers.map((container) => row(container, now, full)),
        ),
      );
    return 0;
  },
};

/** A container whose state cannot be read may well run: hiding it would hide the trouble. */
function mayRun({ status }: Container): boolean {
  return status.phase === "running" || status.phase === "paused" || status.phase === "unknown" || isRestarting(status);
}

function row(container: Container, now: Date, full: boolean): string[] {
  const command = commandOf(container);
  return [
    idOf(container, full),
    container.config.image,
    command === "" ? "" : `"${full ? command : truncate(command, SHORT_COMMAND)}"`,
    ago(container.meta.created, now),
    renderStatus(container, now),
    renderPorts(portsOf(container)),
    container.meta.name,
  ];
}

/** Docker's keys, so that scripts for `docker ps --format json` go on working; ids and commands in full length. */
function record(container: Container, now: Date): Record<string, string> {
  const { meta, config, status } = container;
  return {
    ID: status.id,
    Names: meta.name,
    Image: config.image,
    Command: commandOf(container),
    CreatedAt: meta.created.toISOString(),
    RunningFor: ago(meta.created, now),
    State: isRestarting(status) ? "restarting" : status.phase,
    Status: renderStatus(container, now),
    Ports: renderPorts(portsOf(container)),
    Networks: config.networks?.map(({ name }) => name).join(",") ?? config.network ?? DEFAULT_NETWORK,
    Labels: Object.entries(meta.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  };
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
