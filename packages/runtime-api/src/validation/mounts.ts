import type { Mount, VolumesFrom } from "../mount.js";
import { invalid } from "./invalid.js";
import { assertWhole } from "./number.js";
import { assertAbsolutePath } from "./path.js";
import { MAX_UID } from "./user.js";

const PROPAGATIONS: readonly string[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
const READ_ONLY_DEPTHS: readonly string[] = ["recursive", "possible", "top"];

/** Docker's grammar for volume names, with a limit. A name becomes a folder: no separator and no leading dot can occur. */
export function isVolumeName(value: unknown): value is string {
  return typeof value === "string" && /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(value);
}

const CONTAINER_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Throws `INVALID_ARGUMENT`. Whether there is such a container is for the runtime to find out. */
export function assertVolumesFrom(sources: readonly VolumesFrom[]): void {
  for (const [index, { container }] of sources.entries()) {
    if (typeof container !== "string" || !CONTAINER_PATTERN.test(container))
      throw invalid(`volumesFrom[${String(index)}].container`, container, "the name or id of a container");
  }
}

/** Throws `INVALID_ARGUMENT` for mounts that cannot be. Whether a source exists is for the runtime to find out. */
export function assertMounts(mounts: readonly Mount[]): void {
  const destinations = new Set<string>();
  mounts.forEach((mount, index) => {
    const option = `mounts[${String(index)}]`;
    assertAbsolutePath(`${option}.destination`, mount.destination);
    const destination = mount.destination.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");
    if (destination === "/") throw invalid(`${option}.destination`, mount.destination, "another path than the root");
    if (destinations.has(destination)) throw invalid(`${option}.destination`, mount.destination, "mounted once only");
    destinations.add(destination);
    switch (mount.type) {
      case "bind":
        assertAbsolutePath(`${option}.source`, mount.source);
        if (mount.propagation !== undefined && !PROPAGATIONS.includes(mount.propagation)) {
          throw invalid(`${option}.propagation`, mount.propagation, `one of ${PROPAGATIONS.join(", ")}`);
        }
        if (mount.readOnlyDepth !== undefined && !READ_ONLY_DEPTHS.includes(mount.readOnlyDepth)) {
          throw invalid(`${option}.readOnlyDepth`, mount.readOnlyDepth, `one of ${READ_ONLY_DEPTHS.join(", ")}`);
        }
        if (mount.readOnlyDepth === "recursive" && mount.readOnly !== true) {
          throw invalid(`${option}.readOnlyDepth`, mount.readOnlyDepth, "given together with readOnly");
        }
        break;
      case "volume":
        if (mount.name !== undefined && !isVolumeName(mount.name)) {
          throw invalid(
            `${option}.name`,
            mount.name,
            `2 to 128 letters, digits, ".", "_" or "-", a letter or digit first`,
          );
        }
        break;
      case "tmpfs":
        if (mount.size !== undefined && !(Number.isSafeInteger(mount.size) && mount.size > 0)) {
          throw invalid(`${option}.size`, mount.size, "a positive number of bytes");
        }
        if (mount.mode !== undefined && !(Number.isInteger(mount.mode) && mount.mode >= 0 && mount.mode <= 0o7777)) {
          throw invalid(`${option}.mode`, mount.mode, "permission bits from 0 to 0o7777");
        }
        assertWhole(`${option}.uid`, mount.uid, 0, MAX_UID, "a user's number");
        assertWhole(`${option}.gid`, mount.gid, 0, MAX_UID, "a group's number");
        break;
      default:
        throw invalid(`${option}.type`, (mount satisfies never as Mount).type, "bind, tmpfs or volume");
    }
  });
}
