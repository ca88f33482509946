import { invalid, DEFAULT_NAMESPACE } from "@voiyd/runtime-api";
import { isAbsolute, resolve } from "node:path";
import type { Arguments } from "./command-line/arguments.js";

/** Where things are. What is absent is left to the defaults of the packages that own it. */
export interface Settings {
  /** The path of containerd's socket. */
  readonly address: string;
  readonly namespace: string;
  /** Whoever the socket belongs to. */
  readonly trustAnySocket?: boolean;
  readonly debug: boolean;
  /** Of a container's logs, `%s` for its name. */
  readonly logDirFmt?: string;
  readonly stateDir?: string;
  /** Containerd's snapshotter. */
  readonly snapshotter?: string;
  /** Who pulls images. */
  readonly pullBackend?: PullBackend;
  /** Whether faster ways to the same results are taken. */
  readonly shortcuts: boolean;
  readonly network: NetworkSettings;
  readonly registry: RegistrySettings;
}

export interface RegistrySettings {
  /** Folders with mirrors and certificates of registries. */
  readonly hostsDirs?: readonly string[];
  /** Hosts that are spoken to over plain HTTP. */
  readonly insecureRegistries?: readonly string[];
}

export interface NetworkSettings {
  readonly confDir?: string;
  readonly binDirs?: readonly string[];
  readonly cacheDir?: string;
  readonly netnsDir?: string;
  readonly mode?: NetworkMode;
  readonly bridge?: string;
  readonly subnet?: string;
  readonly ipamDataDir?: string;
}

/** How the default network is made: by its plugins alone, or without iptables (see `@voiyd/networking-cni`). */
export type NetworkMode = "plugins" | "lean" | "auto";

export type PullBackend = "client" | "transfer" | "auto";

const PULL_BACKENDS: readonly PullBackend[] = ["client", "transfer", "auto"];
const NETWORK_MODES: readonly NetworkMode[] = ["plugins", "lean", "auto"];

export const DEFAULT_ADDRESS = "/run/containerd/containerd.sock";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * From the options where they are given, from the environment otherwise. An empty variable counts as absent.
 * Throws `INVALID_ARGUMENT`.
 */
export function readSettings(sources: readonly Arguments[], env: Env, cwd: string): Settings {
  const option = (name: string): string | undefined =>
    sources.map((args) => args.value(name)).findLast((value) => value !== undefined);
  const variable = (name: string): string | undefined => env[name] || undefined;
  const folder = (name: string): string | undefined => {
    const path = variable(name);
    if (path !== undefined && !isAbsolute(path)) throw invalid(name, path, "an absolute path");
    return path;
  };

  return {
    address: socketPath(option("address") ?? variable("CONTAINERD_ADDRESS") ?? DEFAULT_ADDRESS, cwd),
    namespace: option("namespace") ?? variable("CONTAINERD_NAMESPACE") ?? DEFAULT_NAMESPACE,
    ...present("trustAnySocket", variable("VOIYD_SOCKET_CHECK") === "off" ? true : undefined),
    debug: sources.some((args) => args.flag("debug")),
    ...present("logDirFmt", folder("VOIYD_LOG_DIR_FMT")),
    ...present("stateDir", folder("VOIYD_STATE_DIR")),
    ...present("snapshotter", variable("CONTAINERD_SNAPSHOTTER")),
    ...present("pullBackend", oneOf("VOIYD_PULL_BACKEND", variable("VOIYD_PULL_BACKEND"), PULL_BACKENDS)),
    shortcuts: variable("VOIYD_SHORTCUTS") !== "off",
    network: {
      ...present("confDir", folder("NETCONFPATH")),
      ...present("binDirs", searchPath("CNI_PATH", variable("CNI_PATH"))),
      ...present("cacheDir", folder("VOIYD_CNI_CACHE_DIR")),
      ...present("netnsDir", folder("VOIYD_NETNS_DIR")),
      ...present("mode", oneOf("VOIYD_NETWORK_MODE", variable("VOIYD_NETWORK_MODE"), NETWORK_MODES)),
      ...present("bridge", variable("VOIYD_BRIDGE")),
      ...present("subnet", variable("VOIYD_SUBNET")),
      ...present("ipamDataDir", folder("VOIYD_IPAM_DIR")),
    },
    registry: {
      ...present("hostsDirs", searchPath("VOIYD_HOSTS_DIR", variable("VOIYD_HOSTS_DIR"))),
      ...present(
        "insecureRegistries",
        variable("VOIYD_INSECURE_REGISTRIES")
          ?.split(",")
          .filter((host) => host !== ""),
      ),
    },
  };
}

/** `unix:///run/x.sock` and `/run/x.sock` mean the same to `ctr` and `nerdctl`. */
function socketPath(address: string, cwd: string): string {
  const path = address.replace(/^unix:(?:\/\/)?/, "");
  if (path === "" || /^[a-z]+:\/\//.test(path)) throw invalid("address", address, "the path of a unix socket");
  return resolve(cwd, path);
}

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((one) => one === text);
  if (text !== undefined && found === undefined) throw invalid(name, text, known.join(", "));
  return found;
}

function searchPath(name: string, value: string | undefined): readonly string[] | undefined {
  const folders = value?.split(":").filter((folder) => folder !== "");
  const relative = folders?.find((folder) => !isAbsolute(folder));
  if (relative !== undefined) throw invalid(name, relative, "a list of absolute paths, separated by colons");
  return folders;
}

/** An object with the key, or without it: an optional property is left out rather than set to `undefined`. */
function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  const object: { [P in K]?: V } = {};
  if (value !== undefined) object[key] = value;
  return object;
}
