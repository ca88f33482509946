import { RuntimeError } from "@voiyd/runtime-api";
import { isInterfaceName } from "../protocol/identifiers.js";
import type { JsonObject } from "../protocol/json.js";

/**
 * How containers are connected to the default network: by the plugins of its list; by its bridge plugin alone with static
 * nft rules (`lean`, an error where that is not possible); or lean where it is possible (`auto`).
 */
export type NetworkMode = "auto" | "plugins" | "lean";

/** How the default network is made where no file says otherwise. */
export interface DefaultNetworkOptions {
  /** Default `voiyd`. */
  readonly name?: string;
  /** The file in the configuration folder, default `10-voiyd.conflist`. */
  readonly file?: string;
  /** At most 15 bytes, default `voiyd0`. */
  readonly bridge?: string;
  /** In CIDR notation. Default `10.69.0.0/16`, or a free /24 where the host or another network uses that. */
  readonly subnet?: string;
  /**
   * The IPv6 subnet, in CIDR notation, or `false` for none. Default: a private /64 of this machine's own (RFC 4193) where
   * the host has IPv6 that containers can use, none elsewhere.
   */
  readonly subnet6?: string | false;
  /** Default `plugins`. */
  readonly mode?: NetworkMode;
  /** Where `host-local` keeps its addresses, default its own (`/var/lib/cni/networks`). */
  readonly ipamDataDir?: string;
}

/** The options with nothing left open but the folder of the addresses, and what the host decides. */
export type DefaultNetwork = Required<Omit<DefaultNetworkOptions, "ipamDataDir" | "subnet6">> &
  Pick<DefaultNetworkOptions, "ipamDataDir" | "subnet6"> & {
    /** Whether the subnet was asked for, and nothing else will do. */
    readonly fixedSubnet: boolean;
  };

/** Fills in the defaults. Throws `INVALID_ARGUMENT` for a bridge's name that the kernel would not take. */
export function defaultNetwork(options: DefaultNetworkOptions = {}): DefaultNetwork {
  const bridge = options.bridge ?? "voiyd0";
  if (!isInterfaceName(bridge)) {
    throw new RuntimeError(
      "INVALID_ARGUMENT",
      `defaultNetwork.bridge: ${JSON.stringify(bridge).slice(0, 80)} is not valid`,
      {
        hint: "The name of an interface has 1 to 15 bytes, without '/', ':' and spaces",
      },
    );
  }
  const fixedSubnet = options.subnet !== undefined;
  const defaults = { name: "voiyd", file: "10-voiyd.conflist", subnet: "10.69.0.0/16", mode: "plugins" } as const;
  return { ...defaults, ...options, bridge, fixedSubnet };
}

/**
 * The list of the default network: a bridge with a gateway and masquerading, published ports that a container can reach
 * itself through (hairpin), and a firewall that keeps networks apart.
 */
export function defaultConfigList({
  name,
  bridge,
  subnet,
  subnet6,
  ipamDataDir,
}: Omit<DefaultNetwork, "fixedSubnet">): JsonObject {
  // IPv4 first: the first address of a result is the one that is shown where only one can be.
  const subnets = [subnet, ...(subnet6 === undefined || subnet6 === false ? [] : [subnet6])];
  return {
    cniVersion: "1.0.0",
    // Not 1.1.0, although it is spoken here: libcni takes the newest one without asking the plugins, and the plugins of
    // some distributions end at 1.0.0. Whoever uses the list beside us would fail.
    cniVersions: ["0.4.0", "1.0.0"],
    name,
    plugins: [
      {
        type: "bridge",
        bridge,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        capabilities: { ips: true, mac: true, ipRanges: true },
        ipam: {
          type: "host-local",
          ranges: subnets.map((one) => [{ subnet: one }]),
          routes: subnets.map((one) => ({ dst: one.includes(":") ? "::/0" : "0.0.0.0/0" })),
          ...(ipamDataDir === undefined ? {} : { dataDir: ipamDataDir }),
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
      { type: "firewall", ingressPolicy: "same-bridge" },
      { type: "tuning" },
    ],
  };
}
