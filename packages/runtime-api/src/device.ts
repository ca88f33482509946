/** A device of the host that a container gets. */
export type Device = DeviceNode | CdiDevice;

export interface DeviceNode {
  /** A device node of the host, or a folder: then every device in it. */
  readonly path: string;
  /** Where it appears in the container. Default: the same path. */
  readonly destination?: string;
  /** Of `r` (read), `w` (write) and `m` (make a node). Default `rwm`. */
  readonly permissions?: string;
}

/** A device that the host's Container Device Interface files describe. */
export interface CdiDevice {
  /** A qualified name: `vendor.com/class=name`. */
  readonly cdi: string;
}
