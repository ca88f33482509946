import type { StatusReport } from "@voiyd/networking-cni";
import type { AuditFinding } from "@voiyd/runtime-api";

/** Below this many free addresses of a range a warning is due. */
const FEW = 8;

/** What a network manager says of itself, as findings. */
export function auditNetworks({ host, networks, problems }: StatusReport): readonly AuditFinding[] {
  return [
    host.capabilities.netAdmin && host.capabilities.sysAdmin
      ? { severity: "ok", subject: "rights", meaning: "networks can be made" }
      : { severity: "error", subject: "rights", meaning: "networks cannot be made", action: "run as root" },
    ...host.firewalls.map(({ tool, version, mixed }): AuditFinding => {
      if (version === undefined)
        return {
          severity: "warning",
          subject: tool,
          meaning: "is not there, or does not work",
          action: `install ${tool}`,
        };
      if (!mixed) return { severity: "ok", subject: tool, meaning: version };
      const action = "remove the rules of the one that is not used";
      return {
        severity: "warning",
        subject: tool,
        meaning: "rules are in two backends: half of them do nothing",
        action,
      };
    }),
    ...problems.map(({ file, message }): AuditFinding => ({
      severity: "warning",
      subject: file,
      meaning: message,
      action: "mend or remove the file",
    })),
    ...networks.flatMap(auditNetwork),
  ];
}

function auditNetwork({ name, ready, problem, plugins, addresses }: StatusReport["networks"][number]): AuditFinding[] {
  const subject = `network ${name}`;
  const missing = plugins.filter(({ status }) => status === "missing" || status === "failed");
  const releases = plugins.map(({ type, release }) => (release === undefined ? type : `${type} ${release}`)).join(", ");
  const reason = problem ?? missing.map(({ type, message }) => `${type}: ${message ?? "it is missing"}`).join("; ");
  return [
    ready
      ? { severity: "ok", subject, meaning: `is ready, by ${releases}` }
      : {
          severity: "error",
          subject,
          meaning: `is not ready: ${reason}`,
          action: "install its plugins, or mend its file",
        },
    ...addresses
      .filter(({ free }) => free < FEW)
      .map(({ subnet, free, total }): AuditFinding => ({
        severity: free === 0 ? "error" : "warning",
        subject,
        meaning: `${String(free)} of ${String(total)} addresses of ${subnet} are free`,
        action: "remove containers, recover, or make a larger network",
      })),
  ];
}
