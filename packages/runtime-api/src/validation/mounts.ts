import type { Mount } from "../mount.js";
import { invalid } from "./invalid.js";
import { assertAbsolutePath } from "./path.js";

const PROPAGATIONS: readonly string[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

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
        break;
      case "tmpfs":
        if (mount.size !== undefined && !(Number.isSafeInteger(mount.size) && mount.size > 0)) {
          throw invalid(`${option}.size`, mount.size, "a positive number of bytes");
        }
        if (mount.mode !== undefined && !(Number.isInteger(mount.mode) && mount.mode >= 0 && mount.mode <= 0o7777)) {
          throw invalid(`${option}.mode`, mount.mode, "permission bits from 0 to 0o7777");
        }
        break;
      default:
        throw invalid(`${option}.type`, (mount satisfies never as Mount).type, "bind or tmpfs");
    }
  });
}
