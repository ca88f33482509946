import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerdClient } from "@voiyd/containerd-client";
import { busyboxImage, type PrivateHost, type PrivateRegistry, startPrivateHost, startRegistry } from "@voiyd/harness";
import { type CniNetworkManager, createNetworkManager } from "@voiyd/networking-cni";
import {
  type ContainerdRuntime,
  type ContainerdRuntimeOptions,
  createContainerdRuntime,
} from "@voiyd/runtime-containerd";
import { startDockerDaemon } from "../peers/docker-daemon.js";
import { type Engines, findEngines } from "../peers/engines.js";
import type { Scale } from "../scenario.js";
import { childEnvironment } from "./child-environment.js";

/** What the scenarios are played on: a private containerd and registry, and our runtime over them. */
export interface Stage extends AsyncDisposable {
  readonly host: PrivateHost;
  readonly registry: PrivateRegistry;
  readonly client: ContainerdClient;
  readonly network: CniNetworkManager;
  readonly runtime: ContainerdRuntime;
  /** Another runtime over the same, with options of its own; who opens it disposes it. */
  open(options: ContainerdRuntimeOptions): ContainerdRuntime;
  /** The reference of the busybox image: pulled for us, and for `ctr` in {@link PEER_NAMESPACE}. */
  readonly busybox: string;
  /** For whatever a scenario keeps in files. */
  readonly directory: string;
  /** The environment of programs that are timed. */
  readonly env: NodeJS.ProcessEnv;
  /** Who else runs containers here; found out once, with the busybox image. */
  engines(): Promise<Engines>;
}

/** No log is put aside while it is measured. */
const LOG_MAX_BYTES = 16e9;

/** Where our containers live. */
export const NAMESPACE = "voiyd";
/** Where those of the peers live, over the same daemon. */
export const PEER_NAMESPACE = "peer";

export async function openStage({ smoke }: Pick<Scale, "smoke"> = { smoke: true }): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "voiyd-bench-"));
  const cleanUps: (() => PromiseLike<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  };
  try {
    const host = await startPrivateHost();
    cleanUps.push(() => host[Symbol.asyncDispose]());
    const registry = await startRegistry(join(directory, "registry"));
    cleanUps.push(() => registry[Symbol.asyncDispose]());
    const client = new ContainerdClient({ address: host.address, namespace: NAMESPACE });
    cleanUps.push(() => client[Symbol.asyncDispose]());
    const network = createNetworkManager({
      confDir: host.confDir,
      cacheDir: host.cacheDir,
      netnsDir: host.netnsDir,
      binDirs: host.pluginDirs,
      defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
    });
    cleanUps.push(() => network[Symbol.asyncDispose]());
    const open = (options: ContainerdRuntimeOptions): ContainerdRuntime =>
      createContainerdRuntime(client, network, {
        logDirFmt: host.logDirFmt,
        stateDir: host.stateDir,
        logMaxBytes: LOG_MAX_BYTES,
        snapshotter: host.snapshotter,
        ...options,
      });
    const runtime = open({});
    cleanUps.push(() => runtime[Symbol.asyncDispose]());
    const image = await busyboxImage(join(directory, "busybox"));
    const busybox = await registry.push(image.directory, "bench/busybox", "latest");
    await runtime.pullImage(busybox);
    await host.ctr("--namespace", PEER_NAMESPACE, "images", "pull", "--plain-http", busybox);
    const plain = childEnvironment(host.env);
    const docker = smoke ? undefined : await startDockerDaemon(directory, host.address, plain);
    if (docker !== undefined) cleanUps.push(() => docker[Symbol.asyncDispose]());
    const env = docker === undefined ? plain : { ...plain, DOCKER_HOST: docker.address };
    let found: Promise<Engines> | undefined;
    const engines = (): Promise<Engines> => (found ??= findEngines(env, busybox));
    return {
      host,
      registry,
      client,
      network,
      runtime,
      open,
      busybox,
      directory,
      env,
      engines,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
