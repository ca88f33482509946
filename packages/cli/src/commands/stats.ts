import type { ContainerStats } from "@voiyd/runtime-api";
import { binaryBytes, humanBytes } from "../output/bytes.js";
import type { Command } from "./command.js";
import { FORMAT_OPTION, readFormat } from "./format.js";
import { renderListing, type Listing } from "./listing.js";

const HEADER = ["CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS"];
const SHORT_ID = 12;
/** To the upper left corner, and nothing from there on (ECMA-48). */
const CLEAR = "\u001b[H\u001b[J";

/** `voiyd stats`. */
export const stats: Command = {
  usage: "stats [OPTIONS] [CONTAINER...]",
  summary: "Show what running containers use",
  options: {
    all: { kind: "flag", short: "a", help: "also those that do not run" },
    format: FORMAT_OPTION,
    "no-stream": { kind: "flag", help: "once" },
    "no-trunc": { kind: "flag", help: "cut nothing off" },
  },
  operands: [0, Infinity],
  async execute({ args, runtime, signal, surroundings: { stdout } }) {
    const format = readFormat(args);
    const once = args.flag("no-stream");
    const full = args.flag("no-trunc");
    const connected = await runtime();
    const containers = args.operands.length === 0 ? {} : { containers: args.operands };
    for await (const measured of connected.stats({ ...containers, signal })) {
      const idle = args.flag("all") || args.operands.length > 0 ? await idleOnes(measured) : [];
      const lines = [...measured.map((item) => record(item, full)), ...idle].sort((a, b) => (a.Name < b.Name ? -1 : 1));
      const text = renderListing(format, lines, LISTING);
      const isTable = format === "table" || (format !== "json" && format.isTable);
      await stdout.write(stdout.isTTY && !once && isTable ? CLEAR + text : text);
      if (once) return 0;
    }
    return 0;

    /** Those that have nothing to be measured, with nothing in their columns. */
    async function idleOnes(measured: readonly ContainerStats[]): Promise<Line[]> {
      const seen = new Set<string>(measured.map(({ id }) => id));
      const listed =
        args.operands.length === 0
          ? await connected.list({ signal })
          : await Promise.all(args.operands.map((operand) => connected.get(operand, { signal })));
      return listed
        .filter(({ status }) => !seen.has(status.id))
        .map(({ meta, status }) => ({
          ...NOTHING,
          ID: shorten(status.id, full),
          Container: status.id,
          Name: meta.name,
        }));
    }
  },
};

/** Docker's keys, so that scripts for `docker stats --format json` go on working. */
interface Line {
  readonly BlockIO: string;
  readonly CPUPerc: string;
  readonly Container: string;
  readonly ID: string;
  readonly MemPerc: string;
  readonly MemUsage: string;
  readonly Name: string;
  readonly NetIO: string;
  readonly PIDs: string;
}

const LISTING: Listing<Line> = {
  header: HEADER,
  cells: (line) => [line.ID, line.Name, line.CPUPerc, line.MemUsage, line.MemPerc, line.NetIO, line.BlockIO, line.PIDs],
  json: (line) => line,
  names: (line) => ({ ...line }),
  titles: {
    ID: "CONTAINER ID",
    Container: "CONTAINER",
    Name: "NAME",
    CPUPerc: "CPU %",
    MemUsage: "MEM USAGE / LIMIT",
    MemPerc: "MEM %",
    NetIO: "NET I/O",
    BlockIO: "BLOCK I/O",
    PIDs: "PIDS",
  },
};

const NOTHING = {
  BlockIO: "0B / 0B",
  CPUPerc: "0.00%",
  MemPerc: "0.00%",
  MemUsage: "0B / 0B",
  NetIO: "0B / 0B",
  PIDs: "0",
} as const;

function record(item: ContainerStats, full: boolean): Line {
  const { id, name, cpuPercent, memoryUsage, memoryLimit, network, disk, pids } = item;
  return {
    BlockIO: `${humanBytes(disk.readBytes)} / ${humanBytes(disk.writtenBytes)}`,
    CPUPerc: `${cpuPercent.toFixed(2)}%`,
    Container: id,
    ID: shorten(id, full),
    MemPerc: `${((memoryUsage / memoryLimit) * 100).toFixed(2)}%`,
    MemUsage: `${binaryBytes(memoryUsage)} / ${binaryBytes(memoryLimit)}`,
    Name: name,
    NetIO:
      network === undefined ? NOTHING.NetIO : `${humanBytes(network.receivedBytes)} / ${humanBytes(network.sentBytes)}`,
    PIDs: String(pids),
  };
}

function shorten(id: string, full: boolean): string {
  return full ? id : id.slice(0, SHORT_ID);
}
