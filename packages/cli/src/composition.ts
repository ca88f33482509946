import { ContainerdClient } from "@voiyd/containerd-client";
import { createConsoleLogger, silentLogger, type Logger } from "@voiyd/logger";
import { createNetworkManager } from "@voiyd/networking-cni";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import type { Composition } from "./process/surroundings.js";
import type { Settings } from "./settings.js";

/**
 * Puts the runtime, its network manager and its connection together: the one place where they meet. Touches nothing until
 * the first call.
 */
export function compose(settings: Settings): Promise<Composition> {
  const { address, namespace, network: networkSettings, debug, ...runtimeSettings } = settings;
  const logger = loggerFor(debug);
  const { bridge, subnet, ipamDataDir, ...folders } = networkSettings;
  const defaultNetwork = {
    ...(bridge === undefined ? {} : { bridge }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(ipamDataDir === undefined ? {} : { ipamDataDir }),
  };

  const client = new ContainerdClient({ address, namespace, transport: settings.shortcuts ? "lean" : "connect" });
  const network = createNetworkManager({ ...folders, defaultNetwork, logger });
  const runtime = createContainerdRuntime(client, network, { ...runtimeSettings, namespace, logger });
  return Promise.resolve({
    runtime,
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  });
}

function loggerFor(debug: boolean): Logger {
  return debug ? createConsoleLogger({ level: "debug" }) : silentLogger;
}
