import type { NetworkConfigList } from "../protocol/config-list.js";
import { compareVersions, isAtLeast } from "../protocol/versions.js";
import type { PluginStatus } from "./report.js";

/** The last release of portmap whose CHECK always fails when ports are published (containernetworking/plugins#819). */
const PORTMAP_CHECK_BROKEN_UNTIL = "1.2.0";

/** What is known to be wrong with the plugins of a list, and is dealt with. */
export function quirksOf(
  list: NetworkConfigList,
  plugins: readonly PluginStatus[],
  version: string | undefined,
): readonly string[] {
  const types = list.plugins.map(({ type }) => type);
  const release = plugins.find(({ type }) => type === "portmap")?.release;
  const oldPortmap = release === undefined || compareVersions(release, PORTMAP_CHECK_BROKEN_UNTIL) <= 0;
  const ipamless = list.plugins.some(({ type, ipamType }) => type === "bridge" && ipamType === undefined);
  const all: readonly (readonly [boolean, string])[] = [
    [
      types.includes("portmap") && oldPortmap,
      `CHECK of portmap fails with published ports up to ${PORTMAP_CHECK_BROKEN_UNTIL}: the rules are looked at instead`,
    ],
    [types.includes("bridge") && types.includes("sbr"), "CHECK of bridge fails beside sbr: it is skipped"],
    [ipamless, "CHECK of a bridge without addresses fails: it is skipped"],
    [
      version !== undefined && !isAtLeast(version, "1.1.0"),
      `CNI ${version ?? ""} has neither GC nor STATUS: gc() removes what is left by itself`,
    ],
  ];
  return all.flatMap(([applies, text]) => (applies ? [text] : []));
}
