import type { DiskUsageReport } from "@voiyd/runtime-api";
import { humanBytes } from "../../output/bytes.js";
import { toJson } from "../../output/escape.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat, type Format } from "../format.js";
import { jsonView, renderListing, type Listing } from "../listing.js";
import { renderDetails } from "./df-details.js";
import { summary, type SummaryRow } from "./df-summary.js";

/** `voiyd system df`. */
export const df: Command = {
  usage: "system df [OPTIONS]",
  summary: "Show what takes the room on the disk",
  options: {
    verbose: { kind: "flag", short: "v", help: "each image, container and volume by itself" },
    format: FORMAT_OPTION,
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings: { stdout, now } }) {
    const format = readFormat(args);
    const report = await (await runtime()).diskUsage({ signal });
    await stdout.write(render(report, format, args.flag("verbose"), now()));
    return 0;
  },
};

function render(report: DiskUsageReport, format: Format, verbose: boolean, now: Date): string {
  if (!verbose) return renderListing(format, summary(report), LISTING);
  if (format === "table") return renderDetails(report, now);
  return format === "json" ? `${toJson(report)}\n` : `${format.template.render(jsonView(report))}\n`;
}

const LISTING: Listing<SummaryRow> = {
  header: ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"],
  cells: (row) => {
    const { Type, TotalCount, Active, Size, Reclaimable } = record(row);
    return [Type, TotalCount, Active, Size, Reclaimable];
  },
  json: record,
  names: (row) => ({ ...record(row) }),
  titles: {
    Type: "TYPE",
    TotalCount: "TOTAL",
    Active: "ACTIVE",
    Size: "SIZE",
    Reclaimable: "RECLAIMABLE",
    Bytes: "BYTES",
    ReclaimableBytes: "RECLAIMABLE BYTES",
  },
};

/** Docker's keys, and the bytes for whoever wants to add them up. */
function record({ type, total, active, bytes, reclaimable }: SummaryRow): SummaryRecord {
  const share = bytes === 0 ? 0 : Math.floor((reclaimable / bytes) * 100);
  return {
    Type: type,
    TotalCount: String(total),
    Active: String(active),
    Size: humanBytes(bytes),
    Reclaimable: `${humanBytes(reclaimable)} (${String(share)}%)`,
    Bytes: bytes,
    ReclaimableBytes: reclaimable,
  };
}

interface SummaryRecord {
  readonly Type: string;
  readonly TotalCount: string;
  readonly Active: string;
  readonly Size: string;
  readonly Reclaimable: string;
  readonly Bytes: number;
  readonly ReclaimableBytes: number;
}
