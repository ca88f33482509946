import { join } from "node:path";

/** Where everything of a private host lies: all of it in one folder. */
export interface HostPaths {
  readonly directory: string;
  /** The daemon's socket. */
  readonly address: string;
  /** What the daemon keeps over a reboot. */
  readonly root: string;
  /** What the daemon loses with a reboot. */
  readonly state: string;
  /** CNI network configuration. */
  readonly confDir: string;
  /** CNI attachment records. */
  readonly cacheDir: string;
  /** Address leases of the host-local plugin. */
  readonly ipamDir: string;
  /** Pinned network namespaces. */
  readonly netnsDir: string;
  /** Holds one folder for each container. */
  readonly containersDir: string;
  /** A container's log folder, `%s` standing for its name. */
  readonly logDirFmt: string;
  /** For whatever else the runtime keeps. */
  readonly stateDir: string;
  readonly fifoDir: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly ownerFile: string;
}

/** A unix socket's path ends at 107 bytes (unix(7)), and the daemon makes a second one with `.ttrpc` behind it. */
const MAX_ADDRESS = 107 - ".ttrpc".length;

/** Throws when the folder's path is too long for a socket in it. */
export function hostPaths(directory: string): HostPaths {
  const state = join(directory, "state");
  // Where it is by default: beside the daemon's state.
  const address = join(state, "containerd.sock");
  if (Buffer.byteLength(address) > MAX_ADDRESS) {
    throw new Error(
      `${directory} is too long a path for a socket in it: ${address} has more than ${MAX_ADDRESS} bytes`,
    );
  }
  const containersDir = join(directory, "containers");
  return {
    directory,
    address,
    root: join(directory, "root"),
    state,
    confDir: join(directory, "cni", "net.d"),
    cacheDir: join(directory, "cni", "cache"),
    ipamDir: join(directory, "cni", "ipam"),
    netnsDir: join(directory, "netns"),
    containersDir,
    logDirFmt: join(containersDir, "%s", "log"),
    stateDir: join(directory, "voiyd"),
    fifoDir: join(directory, "fifo"),
    configFile: join(directory, "containerd.toml"),
    logFile: join(directory, "containerd.log"),
    ownerFile: join(directory, "owner"),
  };
}
