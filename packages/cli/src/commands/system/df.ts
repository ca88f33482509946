import type { DiskUsageReport } from "@voiyd/runtime-api";
import { humanBytes } from "../../output/bytes.js";
import { toJson } from "../../output/escape.js";
import { renderTable } from "../../output/table.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat } from "../format.js";
import { renderDetails } from "./df-details.js";
import { summary, type SummaryRow } from "./df-summary.js";

const HEADER = ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"];

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
    await stdout.write(render(report, format === "json", args.flag("verbose"), now()));
    return 0;
  },
};

function render(report: DiskUsageReport, json: boolean, verbose: boolean, now: Date): string {
  if (json) {
    return verbose
      ? `${toJson(report)}\n`
      : summary(report)
          .map((row) => `${toJson(record(row))}\n`)
          .join("");
  }
  return verbose ? renderDetails(report, now) : renderTable(HEADER, summary(report).map(cells));
}

function cells(row: SummaryRow): string[] {
  const { Type, TotalCount, Active, Size, Reclaimable } = record(row);
  return [Type, TotalCount, Active, Size, Reclaimable];
}

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
