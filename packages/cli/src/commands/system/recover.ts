import type { Remnant } from "@voiyd/runtime-api";
import { escapeText, toJson } from "../../output/escape.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat } from "../format.js";
import { jsonView } from "../listing.js";

/** `voiyd system recover`. */
export const recover: Command = {
  usage: "system recover [OPTIONS]",
  summary: "Put in order what dead processes have left",
  options: {
    "dry-run": { kind: "flag", help: "say what would be done, and do nothing" },
    format: FORMAT_OPTION,
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings: { stdout, stderr } }) {
    const format = readFormat(args);
    const report = await (await runtime()).recover({ dryRun: args.flag("dry-run"), signal });
    if (format !== "table") {
      const text = format === "json" ? `${toJson(report)}\n` : `${format.template.render(jsonView(report))}\n`;
      await stdout.write(text);
      return report.failed.length === 0 ? 0 : 1;
    }
    const shown = report.dryRun ? report.found : report.done;
    await stdout.write(shown.map((remnant) => line(report.dryRun ? "Would mend" : "Mended", remnant)).join(""));
    for (const { kind, subject, reason } of report.failed) {
      await stderr.write(`voiyd: ${kind} ${escapeText(subject)}: ${escapeText(reason)}\n`);
    }
    return report.failed.length === 0 ? 0 : 1;
  },
};

function line(word: string, { kind, subject, meaning }: Remnant): string {
  return `${word}: ${kind} ${escapeText(subject)} (${escapeText(meaning)})\n`;
}
