import type { Mount } from "@voiyd/runtime-api";
import type { SpecMount } from "./oci.js";

/** The mounts of a request, parents before children, whatever order they were given in. */
export function userMounts(mounts: readonly Mount[]): readonly SpecMount[] {
  return mounts.map(toSpec).sort((a, b) => depth(a.destination) - depth(b.destination));
}

function toSpec(mount: Mount): SpecMount {
  const access = mount.readOnly === true ? "ro" : "rw";
  switch (mount.type) {
    case "bind":
      return {
        destination: mount.destination,
        type: "bind",
        source: mount.source,
        options: ["rbind", access, mount.propagation ?? "rprivate"],
      };
    case "tmpfs":
      return {
        destination: mount.destination,
        type: "tmpfs",
        source: "tmpfs",
        options: [
          "nosuid",
          "nodev",
          "noexec",
          access,
          `mode=${(mount.mode ?? 0o1777).toString(8)}`,
          ...(mount.size === undefined ? [] : [`size=${String(mount.size)}`]),
        ],
      };
  }
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/** The propagation that the root of the container's mounts needs, so that a shared or slave mount below can be one. */
export function rootPropagation(mounts: readonly Mount[]): string | undefined {
  const kinds = mounts.flatMap((mount) => (mount.type === "bind" ? [mount.propagation ?? "rprivate"] : []));
  if (kinds.some((kind) => kind.endsWith("shared"))) return "shared";
  return kinds.some((kind) => kind.endsWith("slave")) ? "rslave" : undefined;
}
