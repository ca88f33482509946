import { type Execute, execute } from "../process/execute.js";
import { findProgram } from "./find-program.js";
import { type Probe, probeCgroups, probeLinks, probeNetfilter, probeOverlay } from "./kernel-probes.js";
import { cniPluginDirectories } from "./plugin-directories.js";
import { type Requirement, REQUIREMENTS } from "./programs.js";
import { findStaticBusybox } from "./static-busybox.js";

export interface HostReport {
  /** Whether {@link startPrivateHost} and containers with networks can work here. */
  readonly usable: boolean;
  readonly missing: readonly MissingPiece[];
}

export interface MissingPiece {
  readonly what: string;
  readonly why: string;
  /** The Debian and Ubuntu package that brings it. */
  readonly aptPackage?: string;
}

export interface HostFacts {
  readonly platform: string;
  /** Undefined where there are no user ids. */
  readonly uid: number | undefined;
}

async function isThere(requirement: Requirement): Promise<boolean> {
  if (requirement.kind === "static-busybox") return (await findStaticBusybox()) !== undefined;
  const folders = requirement.kind === "plugin" ? await cniPluginDirectories() : undefined;
  return (await findProgram(requirement.what, folders)) !== undefined;
}

const PROBES: readonly { readonly what: string; readonly need: string; readonly probe: Probe }[] = [
  { what: "network namespaces, bridges and veths", need: "containers have networks of their own", probe: probeLinks },
  { what: "netfilter", need: "the CNI plugins set up rules for each container", probe: probeNetfilter },
  { what: "the overlay filesystem", need: "containers share the layers of their images", probe: probeOverlay },
  { what: "writable cgroups", need: "each container is put into one", probe: probeCgroups },
];

/**
 * Finds out whether this machine can run a private host, and what is missing where it cannot. Changes nothing: what has
 * to be tried is tried in namespaces that end with the trial. Never throws for what is missing.
 */
export async function checkHost(
  facts: HostFacts = { platform: process.platform, uid: process.getuid?.() },
  run: Execute = execute,
): Promise<HostReport> {
  if (facts.platform !== "linux")
    return report([{ what: "Linux", why: `containerd runs containers on Linux; this is ${facts.platform}` }]);
  const missing: MissingPiece[] = [];
  if (facts.uid !== 0)
    missing.push({ what: "root", why: "containerd, mounts and network namespaces need it; run this with sudo" });
  for (const requirement of REQUIREMENTS) {
    if (await isThere(requirement)) continue;
    const { what, why, aptPackage, kind } = requirement;
    missing.push({ what: kind === "plugin" ? `the CNI plugin ${what}` : what, why: `it ${why}`, aptPackage });
  }
  // Without root every trial fails for that one reason; without the programs, for theirs.
  if (missing.length > 0) return report(missing);
  for (const { what, need, probe } of PROBES) {
    const reason = await probe(run);
    if (reason !== undefined) missing.push({ what, why: `${need}, and the trial failed: ${reason}` });
  }
  return report(missing);
}

function report(missing: readonly MissingPiece[]): HostReport {
  return { usable: missing.length === 0, missing };
}

/** What is missing as lines for a person; empty when nothing is. */
export function formatMissing(host: HostReport): string {
  const packages = [...new Set(host.missing.flatMap((piece) => piece.aptPackage ?? []))];
  const lines = host.missing.map((piece) => `- ${piece.what}: ${piece.why}`);
  return [
    ...lines,
    ...(packages.length === 0 ? [] : [`On Debian and Ubuntu: apt-get install ${packages.join(" ")}`]),
  ].join("\n");
}
