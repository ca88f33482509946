import { type BindMount, invalid, type Mount, type TmpfsMount } from "@voiyd/runtime-api";
import type { SpecMount } from "./oci.js";

export interface UserMountFacts {
  /** The OCI runtime and the kernel can make mounts below a mount read-only (`mount_setattr(2)`, runc 1.1 and crun). */
  readonly recursiveReadOnly?: boolean | undefined;
  /** The host's folders of the volumes, by destination. */
  readonly volumes?: ReadonlyMap<string, string> | undefined;
  /** What is mounted in other containers, and here too. */
  readonly shared?: readonly SpecMount[] | undefined;
}

/** The mounts of a request and those of other containers, parents before children, whatever order they were given in. */
export function userMounts(mounts: readonly Mount[], facts: UserMountFacts = {}): readonly SpecMount[] {
  const own = mounts.map((mount) => toSpec(mount, facts));
  const taken = new Set(own.map(({ destination }) => destination));
  const shared = (facts.shared ?? []).filter(({ destination }) => !taken.has(destination));
  return [...own, ...shared].sort((a, b) => depth(a.destination) - depth(b.destination));
}

function toSpec(mount: Mount, facts: UserMountFacts): SpecMount {
  switch (mount.type) {
    case "bind":
      return { destination: mount.destination, type: "bind", source: mount.source, options: bindOptions(mount, facts) };
    case "tmpfs":
      return { destination: mount.destination, type: "tmpfs", source: "tmpfs", options: tmpfsOptions(mount) };
    case "volume": {
      const source = facts.volumes?.get(mount.destination);
      if (source === undefined) throw new TypeError(`the volume for ${mount.destination} was not prepared`);
      const access = mount.readOnly === true ? "ro" : "rw";
      return { destination: mount.destination, type: "bind", source, options: ["rbind", access, "rprivate"] };
    }
  }
}

function bindOptions(mount: BindMount, facts: UserMountFacts): readonly string[] {
  const { readOnlyDepth = "possible" } = mount;
  const deep = mount.readOnly === true && readOnlyDepth !== "top" && mount.nonRecursive !== true;
  return [
    mount.nonRecursive === true ? "bind" : "rbind",
    mount.readOnly === true ? "ro" : "rw",
    ...(deep && facts.recursiveReadOnly === true ? ["rro"] : []),
    mount.propagation ?? "rprivate",
  ];
}

function tmpfsOptions(mount: TmpfsMount): readonly string[] {
  return [
    ...(mount.suid === true ? [] : ["nosuid"]),
    ...(mount.dev === true ? [] : ["nodev"]),
    ...(mount.exec === true ? [] : ["noexec"]),
    mount.readOnly === true ? "ro" : "rw",
    `mode=${(mount.mode ?? 0o1777).toString(8)}`,
    ...(mount.size === undefined ? [] : [`size=${String(mount.size)}`]),
    ...(mount.uid === undefined ? [] : [`uid=${String(mount.uid)}`]),
    ...(mount.gid === undefined ? [] : [`gid=${String(mount.gid)}`]),
  ];
}

/** Throws `INVALID_ARGUMENT` where mounts below a mount have to be read-only, and this host cannot make them so. */
export function assertReadOnlyPossible(
  mounts: readonly Mount[],
  facts: { readonly recursiveReadOnly?: boolean | undefined },
): void {
  for (const [index, mount] of mounts.entries()) {
    if (mount.type !== "bind" || mount.readOnlyDepth !== "recursive" || facts.recursiveReadOnly === true) continue;
    throw invalid(
      `mounts[${String(index)}].readOnlyDepth`,
      mount.readOnlyDepth,
      "possible or top: this host cannot make mounts below a mount read-only (Linux 5.12 and runc 1.1 can)",
    );
  }
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/** The propagation that the root of the container's mounts needs, so that a shared or slave mount below can be one. */
export function rootPropagation(mounts: readonly Mount[], shared: readonly SpecMount[] = []): string | undefined {
  const kinds = [
    ...mounts.flatMap((mount) => (mount.type === "bind" ? [mount.propagation ?? "rprivate"] : [])),
    ...shared.flatMap(({ options }) => options),
  ];
  if (kinds.some((kind) => kind.endsWith("shared"))) return "shared";
  return kinds.some((kind) => kind.endsWith("slave")) ? "rslave" : undefined;
}
