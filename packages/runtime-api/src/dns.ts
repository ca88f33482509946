/** How a container finds names. What is absent is taken from the host. */
export interface Dns {
  /** Addresses of name servers. */
  readonly servers?: readonly string[];
  /** Domains to search in; `.` alone for none. */
  readonly search?: readonly string[];
  /** As `ndots:2` (`resolv.conf(5)`). */
  readonly options?: readonly string[];
}

/** A line of the container's hosts file. */
export interface ExtraHost {
  readonly name: string;
  /** An IPv4 or IPv6 address, or `host-gateway` for the container's way to the host. */
  readonly address: string;
}
