import type { Mount } from "@voiyd/containerd-client";
import { type ContainerConfig, type IdMapping, RuntimeError } from "@voiyd/runtime-api";

/** By which a snapshotter is told to give a snapshot's files to other ids (containerd, `core/snapshots`). */
const UID_LABEL = "containerd.io/snapshot/uidmapping";
const GID_LABEL = "containerd.io/snapshot/gidmapping";

/** The labels of a snapshot for a container with a user namespace; none without one. */
export function idMapLabels(config: ContainerConfig): Record<string, string> {
  const { user = "host" } = config.namespaces ?? {};
  return user === "host" ? {} : { [UID_LABEL]: write(user.uids), [GID_LABEL]: write(user.gids) };
}

function write(mappings: readonly IdMapping[]): string {
  return mappings
    .map(({ containerId, hostId, size }) => `${String(containerId)}:${String(hostId)}:${String(size)}`)
    .join(",");
}

/**
 * A snapshotter that does not know the labels passes them over, and the image's files would belong to nobody inside the
 * container. Throws `FAILED_PRECONDITION` then.
 */
export function assertIdsMapped(config: ContainerConfig, mounts: readonly Mount[]): void {
  const { user = "host" } = config.namespaces ?? {};
  if (user === "host") return;
  if (mounts.every(({ options }) => options.some((option) => option.startsWith("uidmap=")))) return;
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    "namespaces.user: the snapshotter cannot give an image's files to other ids",
    {
      hint: "use containerd 2.0 or later on Linux 5.19 or later, whose overlayfs snapshotter can, or leave namespaces.user out",
      details: { option: "namespaces.user" },
    },
  );
}
