import type { NetworkConfigList } from "../protocol/config-list.js";
import { isJsonObject, objectAt, stringAt, type JsonObject } from "../protocol/json.js";

/** One range of addresses that an IPAM plugin gives out. */
export interface AddressRange {
  /** In CIDR notation. */
  readonly subnet: string;
  readonly gateway?: string;
  /** The first and last address of it that are given out. Default: all of the subnet. */
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
}

/** The ranges of all plugins of a list, as `host-local` takes them: in sets, or one beside the `type`. */
export function rangesOf(list: Pick<NetworkConfigList, "plugins">): readonly AddressRange[] {
  return list.plugins.flatMap(({ config }) => {
    const ipam = objectAt(config, "ipam") ?? {};
    const sets: readonly unknown[] = Array.isArray(ipam["ranges"]) ? ipam["ranges"] : [];
    const ranges = sets.flatMap((set): readonly unknown[] => (Array.isArray(set) ? set : []));
    return [ipam, ...ranges.filter(isJsonObject)].flatMap(rangeOf);
  });
}

/** The subnets of a list, in CIDR notation. */
export function subnetsOf(list: Pick<NetworkConfigList, "plugins">): readonly string[] {
  return rangesOf(list).map(({ subnet }) => subnet);
}

function rangeOf(range: JsonObject): readonly AddressRange[] {
  const subnet = stringAt(range, "subnet");
  if (subnet === undefined) return [];
  const [gateway, rangeStart, rangeEnd] = ["gateway", "rangeStart", "rangeEnd"].map((key) => stringAt(range, key));
  return [
    {
      subnet,
      ...(gateway === undefined ? {} : { gateway }),
      ...(rangeStart === undefined ? {} : { rangeStart }),
      ...(rangeEnd === undefined ? {} : { rangeEnd }),
    },
  ];
}
