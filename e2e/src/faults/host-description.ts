import type { PrivateHost } from "@voiyd/harness";

/** What a process of its own has to know of a host to work on it. */
export type HostDescription = Pick<
  PrivateHost,
  | "address"
  | "confDir"
  | "cacheDir"
  | "netnsDir"
  | "pluginDirs"
  | "bridge"
  | "subnet"
  | "ipamDir"
  | "logDirFmt"
  | "stateDir"
>;

export function describeHost(host: PrivateHost): HostDescription {
  const { address, confDir, cacheDir, netnsDir, pluginDirs, bridge, subnet, ipamDir, logDirFmt, stateDir } = host;
  return { address, confDir, cacheDir, netnsDir, pluginDirs, bridge, subnet, ipamDir, logDirFmt, stateDir };
}

/** The variables of a process that runs one of these programs. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  // It only costs time at the start of a process.
  delete env["NODE_EXTRA_CA_CERTS"];
  return env;
}
