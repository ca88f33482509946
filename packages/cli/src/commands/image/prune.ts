import { humanBytes } from "../../output/bytes.js";
import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";

/** `voiyd image prune`. */
export const prune: Command = {
  usage: "image prune [OPTIONS]",
  summary: "Remove images that no container uses",
  options: {
    all: { kind: "flag", short: "a", help: "also those with a tag; otherwise only references by digest" },
    "dry-run": { kind: "flag", help: "say what would be done, and do nothing" },
    force: { kind: "flag", short: "f", help: "taken for Docker's sake: nothing is asked" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings: { stdout } }) {
    const dryRun = args.flag("dry-run");
    const report = await (await runtime()).pruneImages({ all: args.flag("all"), dryRun, signal });
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
