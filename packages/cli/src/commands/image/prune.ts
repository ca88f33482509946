import { parsePruneFilters } from "../../options/prune-filter.js";
import { humanBytes } from "../../output/bytes.js";
import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";
import { prunableImages } from "./choose.js";

/** `voiyd image prune`. */
export const prune: Command = {
  usage: "image prune [OPTIONS]",
  summary: "Remove images that no container uses",
  options: {
    all: { kind: "flag", short: "a", help: "also those with a tag; otherwise only references by digest" },
    "dry-run": { kind: "flag", help: "say what would be done, and do nothing" },
    filter: {
      kind: "list",
      value: "KEY=VALUE",
      help: "only those: until=TIME, here since before then; label=; label!=",
    },
    force: { kind: "flag", short: "f", help: "taken for Docker's sake: nothing is asked" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings: { stdout, now } }) {
    const dryRun = args.flag("dry-run");
    const filters = args.list("filter");
    parsePruneFilters(filters, now()); // a mistake is said before anything is done
    const connected = await runtime();
    const only = await prunableImages(connected, filters, { now: now(), signal });
    const report = await connected.pruneImages({
      all: args.flag("all"),
      dryRun,
      signal,
      ...(only === undefined ? {} : { only }),
    });
    const line = (word: string, { name, reason }: { name: string; reason: string }): string =>
      `${word}: ${escapeText(name)} (${escapeText(reason)})\n`;
    const lines = [
      ...report.removed.map((verdict) => line(dryRun ? "Would remove" : "Untagged", verdict)),
      ...(dryRun ? report.kept.map((verdict) => line("Would keep", verdict)) : []),
      `${dryRun ? "Would reclaim" : "Total reclaimed space"}: ${humanBytes(report.reclaimedBytes)}\n`,
    ];
    await stdout.write(lines.join(""));
    return 0;
  },
};
