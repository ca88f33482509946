export type PortProtocol = "tcp" | "udp" | "sctp";

/** A port of the container that is published on the host. */
export interface PortMapping {
  /** 1 to 65535. */
  readonly containerPort: number;
  /** 1 to 65535, or 0 for a free one that the network manager chooses. */
  readonly hostPort: number;
  /** Default `tcp`. */
  readonly protocol?: PortProtocol;
  /** The host address to listen on. Default: all. */
  readonly hostIp?: string;
}
