/** One network of a container, with what is wanted of it. */
export interface NetworkAttachRequest {
  readonly name: string;
  /** In the container, at most 15 bytes. Default: the first of `eth0`, `eth1`, … that is free. */
  readonly ifName?: string;
  /** Fixed addresses, with or without a prefix length. Default: what the network gives. */
  readonly ips?: readonly string[];
  /** As `02:42:ac:11:00:02`. Default: any. */
  readonly mac?: string;
  /** More names that the container has on this network only. */
  readonly aliases?: readonly string[];
}
