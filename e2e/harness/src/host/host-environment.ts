import { delimiter } from "node:path";
import type { HostNetwork } from "../netfilter/own-rules.js";
import type { HostPaths } from "./host-paths.js";

/**
 * The variables that point a child process at a private host: those that `ctr`, `nerdctl` and CNI tools know too, and
 * those of the `voiyd` command.
 */
export function hostEnvironment(
  paths: HostPaths,
  network: HostNetwork,
  pluginDirs: readonly string[],
): Record<string, string> {
  return {
    CONTAINERD_ADDRESS: paths.address,
    CNI_PATH: pluginDirs.join(delimiter),
    NETCONFPATH: paths.confDir,
    VOIYD_CNI_CACHE_DIR: paths.cacheDir,
    VOIYD_IPAM_DIR: paths.ipamDir,
    VOIYD_NETNS_DIR: paths.netnsDir,
    VOIYD_LOG_DIR_FMT: paths.logDirFmt,
    VOIYD_STATE_DIR: paths.stateDir,
    VOIYD_BRIDGE: network.bridge,
    VOIYD_SUBNET: network.subnet,
  };
}
