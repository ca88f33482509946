import type { AddressRange } from "../config/subnets-of.js";

/** A network as an object. It is what its configuration list says. */
export interface NetworkInfo {
  readonly name: string;
  /** The file that it stands in. */
  readonly file: string;
  /** Whether it is the one that containers get that ask for none. */
  readonly isDefault: boolean;
  /** Whether it was made by `createNetwork`, and can thus be removed by `removeNetwork`. */
  readonly isOwn: boolean;
  /** The types of its plugins, in their order. */
  readonly plugins: readonly string[];
  /** Absent where it has none. */
  readonly bridge?: string;
  /** The ranges of addresses, as the list has them; none where an IPAM plugin gets them from elsewhere. */
  readonly ranges: readonly AddressRange[];
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The containers that are attached, or being attached. */
  readonly containers: readonly string[];
}

/** A network to create. */
export interface CreateNetworkRequest {
  readonly name: string;
  /** The IPv4 subnet, in CIDR notation. Default: a /24 that is free. */
  readonly subnet?: string;
  /** The bridge's own address in the IPv4 subnet. Default: the first one. */
  readonly gateway?: string;
  /** An IPv6 subnet, or whether there is to be one. Default: a private one where containers can use IPv6. */
  readonly ipv6?: string | boolean;
  /** Nothing outside of it can be reached, and no ports are published. Default false. */
  readonly internal?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** The bridge's name, at most 15 bytes. Default: one made from the network's name. */
  readonly bridge?: string;
}
