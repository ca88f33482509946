import { RuntimeError } from "@voiyd/runtime-api";
import type { NetworkConfigList } from "./config-list.js";
import { CNI_VERSIONS, compareVersions } from "./versions.js";

/** What a plugin answered to VERSION. */
export interface PluginVersions {
  readonly type: string;
  readonly versions: readonly string[];
}

/**
 * The newest version that the list allows and that every plugin speaks, IPAM plugins among them: libcni forgets those,
 * and then fails in the middle of the ADD. Throws `NETWORK_CONFIG_INVALID` with the table of who speaks what.
 */
export function selectVersion(
  list: Pick<NetworkConfigList, "name" | "versions">,
  plugins: readonly PluginVersions[],
): string {
  const common = list.versions.filter(
    (version) => CNI_VERSIONS.includes(version) && plugins.every((plugin) => plugin.versions.includes(version)),
  );
  const newest = common.toSorted(compareVersions).at(-1);
  if (newest !== undefined) return newest;
  const rows = [
    `list: ${list.versions.join(" ")}`,
    ...plugins.map((plugin) => `${plugin.type}: ${plugin.versions.join(" ")}`),
  ];
  throw new RuntimeError("NETWORK_CONFIG_INVALID", `network ${list.name}: no CNI version that all its plugins speak`, {
    hint: `Spoken versions: ${rows.join("; ")}`,
    details: { network: list.name, versions: rows, reason: "version-incompatible" },
  });
}
