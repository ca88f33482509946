import { type Capabilities, CAPABILITY_NAMES, invalid, parseCapability } from "@voiyd/runtime-api";
import type { CapabilitySets } from "./oci.js";

/** Docker's fourteen: what a root of a container is left with by default. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

export interface CapabilityRequest {
  readonly capabilities?: Capabilities | undefined;
  readonly privileged: boolean;
  /** What this host can give at most, as a bit mask. */
  readonly bounding: bigint;
}

/**
 * The capabilities of a container's processes. Docker's rules: `ALL` may be added or dropped as a whole, single names
 * then give and take from that; a privileged container has all that the host can give.
 */
export function effectiveCapabilities({ capabilities, privileged, bounding }: CapabilityRequest): readonly string[] {
  const available = CAPABILITY_NAMES.filter((_, bit) => (bounding & (1n << BigInt(bit))) !== 0n);
  const add = (capabilities?.add ?? []).map(parseCapability);
  const drop = (capabilities?.drop ?? []).map(parseCapability);
  const base = privileged || add.includes("ALL") ? available : drop.includes("ALL") ? [] : DEFAULT_CAPABILITIES;
  const wanted = new Set([...base, ...add]);
  for (const name of drop) wanted.delete(name);
  return available.filter((name) => wanted.has(name));
}

/**
 * Inheritable and ambient stay empty unless asked for: with them a process without root's id could gain what it should
 * not (CVE-2022-24769). An ambient capability has to be inheritable too (`capabilities(7)`). A user that is not root has
 * none but these from the start, as the kernel would have it after the first `execve`.
 */
export function capabilitySets(
  names: readonly string[],
  ambient: readonly string[] = [],
  isRoot = true,
): CapabilitySets {
  const held = isRoot ? names : ambient;
  return { bounding: names, effective: held, permitted: held, inheritable: ambient, ambient };
}

/** The ambient capabilities of a request. Throws `INVALID_ARGUMENT` for one that the container does not have. */
export function ambientCapabilities(
  capabilities: Capabilities | undefined,
  effective: readonly string[],
): readonly string[] {
  const ambient = (capabilities?.ambient ?? []).map(parseCapability);
  const stray = ambient.find((name) => !effective.includes(name));
  if (stray !== undefined)
    throw invalid("capabilities.ambient", stray, "among the container's capabilities: add it there too");
  return [...new Set(ambient)];
}

/** Throws `INVALID_ARGUMENT` for a capability that is asked for by name, and that this host cannot give. */
export function assertCapabilitiesAvailable({ capabilities, bounding }: Omit<CapabilityRequest, "privileged">): void {
  for (const name of (capabilities?.add ?? []).map(parseCapability)) {
    const bit = CAPABILITY_NAMES.indexOf(name);
    if (bit >= 0 && (bounding & (1n << BigInt(bit))) === 0n) {
      throw invalid("capabilities.add", name, "one that this host can give: its own bounding set lacks it");
    }
  }
}
