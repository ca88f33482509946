import type { AuditFinding } from "@voiyd/runtime-api";
import { escapeText, toJson } from "../../output/escape.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat, type Format } from "../format.js";
import { renderViews, viewOf } from "../listing.js";
import { auditNetworks } from "./audit-networks.js";

const MARKS = { ok: "ok     ", warning: "warning", error: "ERROR  " } as const;

/** `voiyd system doctor`. */
export const doctor: Command = {
  usage: "system doctor [OPTIONS]",
  summary: "Say how voiyd and its host are, and what to do about it",
  options: {
    quiet: { kind: "flag", short: "q", help: "only what is not as it should be" },
    format: FORMAT_OPTION,
  },
  operands: [0, 0],
  async execute({ args, runtime, network, signal, surroundings: { stdout } }) {
    const format = readFormat(args);
    const [{ findings: own }, status] = await Promise.all([
      runtime().then((connected) => connected.audit({ signal })),
      network().then((networks) => networks.status({ signal })),
    ]);
    const findings = [...own, ...auditNetworks(status)];
    const shown = args.flag("quiet") ? findings.filter(({ severity }) => severity !== "ok") : findings;
    await stdout.write(render(format, shown));
    return findings.some(({ severity }) => severity === "error") ? 1 : 0;
  },
};

function render(format: Format, findings: readonly AuditFinding[]): string {
  if (format === "table") return findings.map(lines).join("");
  if (format === "json") return findings.map((finding) => `${toJson(finding)}\n`).join("");
  const views = findings.map((finding) => viewOf({ action: "", ...finding }, finding));
  return renderViews(format, views, TITLES);
}

const TITLES = { severity: "SEVERITY", subject: "SUBJECT", meaning: "MEANING", action: "ACTION" };

function lines({ severity, subject, meaning, action }: AuditFinding): string {
  const advice = action === undefined ? "" : `         ${escapeText(action)}\n`;
  return `${MARKS[severity]}  ${escapeText(subject)}: ${escapeText(meaning)}\n${advice}`;
}
