import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "../process/end-process.js";
import { type Execute, execute } from "../process/execute.js";
import { launch } from "../process/launch.js";
import type { ProcessEntry } from "../process/process-table.js";
import { cniPluginDirectories } from "../requirements/plugin-directories.js";
import { removeHost } from "../teardown/remove-host.js";
import { containerdConfig } from "./containerd-config.js";
import { startDaemon, stopDaemon } from "./daemon.js";
import { guardExit } from "./exit-guard.js";
import { hostEnvironment } from "./host-environment.js";
import { type HostPaths, hostPaths } from "./host-paths.js";
import { HOST_PREFIX, HOSTS_FOLDER, inspectHost, listKnownHosts } from "./known-hosts.js";
import { writeOwner } from "./owner.js";
import { installSpecRecorder } from "./spec-recorder.js";
import { chooseSubnet } from "./subnet.js";
import { sweepStale } from "./sweep-stale.js";
import { mountTmpfs } from "./tmpfs.js";

export type Snapshotter = "overlayfs" | "native";

export interface PrivateHostOptions {
  /** The host's own folder, made and removed by it. Must not exist. Default: a new one in `/tmp`. */
  readonly directory?: string;
  /** The snapshotter that tests should use. Default `overlayfs`. */
  readonly snapshotter?: Snapshotter;
  /** Puts the daemon's root on a tmpfs of this size, so that it can be filled up. */
  readonly tmpfsSizeMiB?: number;
  /** Keeps every specification that reaches an OCI runtime, for {@link recordedSpecs}. Default false. */
  readonly recordSpecs?: boolean;
}

/** A containerd of our own, with everything that belongs to it in one folder. Disposing of it removes all of it. */
export interface PrivateHost extends AsyncDisposable, HostPaths {
  readonly snapshotter: Snapshotter;
  /** A name that no other private host uses, for the bridge of the default network. */
  readonly bridge: string;
  /** A subnet that nothing else on this machine uses, for the default network. */
  readonly subnet: string;
  /** Where the CNI plugins are. */
  readonly pluginDirs: readonly string[];
  /** Variables that point child processes at this host. */
  readonly env: Readonly<Record<string, string>>;
  /** The daemon's pid; undefined while it is stopped. */
  readonly pid: number | undefined;
  /** What the daemon and its shims have said so far. */
  log(): Promise<string>;
  /** Runs `ctr` against this daemon and resolves with its output; throws what `ctr` says when it fails. */
  ctr(...args: readonly string[]): Promise<string>;
  /** Ends the daemon alone; shims and containers live on. */
  stop(how?: "terminate" | "kill"): Promise<void>;
  /** Starts the daemon again; harmless while it runs. */
  start(): Promise<void>;
  /** `stop` and `start`. */
  restart(how: "terminate" | "kill"): Promise<void>;
}

async function prepareDirectory(options: PrivateHostOptions): Promise<string> {
  const directory = options.directory ?? join(HOSTS_FOLDER, `${HOST_PREFIX}${randomBytes(4).toString("hex")}`);
  if (options.directory !== undefined) {
    const previous = await inspectHost(directory);
    if (previous.state === "alive")
      throw new Error(`${directory} is the private host of process ${previous.owner?.pid ?? "?"}`);
    if (previous.owner !== undefined) await removeHost(directory, previous.owner);
  }
  await mkdir(directory, { mode: 0o711 }); // containers with user ids of their own must be able to pass through
  return directory;
}

/**
 * Starts a containerd of our own: root, state, socket, CNI and log folders in one new folder, the CRI plugin off. Removes
 * what dead processes left of theirs first. Needs root; {@link checkHost} tells what else.
 */
export async function startPrivateHost(options: PrivateHostOptions = {}, run: Execute = execute): Promise<PrivateHost> {
  await sweepStale();
  const directory = await prepareDirectory(options);
  const paths = hostPaths(directory);
  const others = (await listKnownHosts()).flatMap((host) => (host.owner === undefined ? [] : [host.owner.subnet]));
  const network = { bridge: `vh${randomBytes(5).toString("hex")}`, subnet: await chooseSubnet(others, run) };
  let daemon: ProcessEntry | undefined;
  let searchPath: string | undefined;
  const remove = async (): Promise<void> => {
    if (daemon !== undefined) await stopDaemon(daemon, "terminate");
    daemon = undefined;
    await removeHost(directory, network, run);
  };
  try {
    await writeOwner(paths.ownerFile, network);
    for (const folder of [
      paths.root,
      paths.state,
      paths.confDir,
      paths.cacheDir,
      paths.ipamDir,
      paths.netnsDir,
      paths.containersDir,
      paths.stateDir,
      paths.fifoDir,
    ]) {
      await mkdir(folder, { recursive: true, mode: 0o711 });
    }
    if (options.tmpfsSizeMiB !== undefined) await mountTmpfs(paths.root, options.tmpfsSizeMiB, run);
    await writeFile(paths.configFile, containerdConfig(paths));
    if (options.recordSpecs === true) searchPath = await installSpecRecorder(paths);
    daemon = await startDaemon(paths, run, launch, searchPath);
  } catch (error) {
    await remove();
    throw error;
  }
  const pluginDirs = await cniPluginDirectories();
  let removal: Promise<void> | undefined;
  const host: PrivateHost = {
    ...paths,
    ...network,
    snapshotter: options.snapshotter ?? "overlayfs",
    pluginDirs,
    env: hostEnvironment(paths, network, pluginDirs),
    get pid() {
      return daemon?.pid;
    },
    log: () => readFile(paths.logFile, "utf8"),
    async ctr(...args) {
      if (daemon === undefined) throw new Error(`the private containerd in ${directory} is stopped`); // ctr would wait for it
      return (await run("ctr", ["--address", paths.address, ...args])).stdout;
    },
    async stop(how = "terminate") {
      if (daemon !== undefined) await stopDaemon(daemon, how);
      daemon = undefined;
    },
    async start() {
      if (daemon === undefined || !(await isAlive(daemon))) daemon = await startDaemon(paths, run, launch, searchPath);
    },
    async restart(how) {
      await host.stop(how);
      await host.start();
    },
    [Symbol.asyncDispose]() {
      removal ??= remove().finally(unguard);
      return removal;
    },
  };
  const unguard = guardExit(host);
  return host;
}
