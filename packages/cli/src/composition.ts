import { ContainerdClient } from "@voiyd/containerd-client";
import { createConsoleLogger, silentLogger, type Logger } from "@voiyd/logger";
import { createNetworkManager } from "@voiyd/networking-cni";
import type { Registry } from "@voiyd/oci-registry";
import { createContainerdRuntime, type ProgramCommand, type TransferOptions } from "@voiyd/runtime-containerd";
import type { Composition } from "./process/surroundings.js";
import type { RegistrySettings, Settings } from "./settings.js";

/**
 * Puts the runtime, its network manager and its connection together: the one place where they meet. Touches nothing until
 * the first call. With `logProgram`, the log process is started so, and else as the runtime's package has it.
 */
export async function compose(settings: Settings, logProgram?: ProgramCommand): Promise<Composition> {
  const {
    address,
    namespace,
    trustAnySocket = false,
    network: networkSettings,
    registry,
    debug,
    ...runtimeSettings
  } = settings;
  const logger = loggerFor(debug);
  const { mode, bridge, subnet, ipamDataDir, ...folders } = networkSettings;
  const defaultNetwork = {
    ...(mode === undefined ? {} : { mode }),
    ...(bridge === undefined ? {} : { bridge }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(ipamDataDir === undefined ? {} : { ipamDataDir }),
  };

  const transport = settings.shortcuts ? "lean" : "connect";
  const client = new ContainerdClient({ address, namespace, transport, trustAnySocket });
  const network = createNetworkManager({ ...folders, defaultNetwork, logger });
  const imageSource = await registries(registry, logger);
  const transfer = await transferOptions(registry);
  const runtime = createContainerdRuntime(client, network, {
    ...runtimeSettings,
    imageSource,
    transfer,
    namespace,
    logger,
    // A command is to be over when it has done what it was asked for: `voiyd system recover` does this.
    recoverOnOpen: false,
    ...(logProgram === undefined ? {} : { logProgram }),
  });
  return {
    runtime,
    network,
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
      await imageSource[Symbol.asyncDispose]();
    },
  };
}

/** As Docker's users have set them up: credentials of `docker login`, mirrors and certificates in `certs.d`. */
async function registries({ hostsDirs, insecureRegistries }: RegistrySettings, logger: Logger): Promise<Registry> {
  const { createRegistrySource, dockerConfigCredentials, hostsFromFolders } = await import("@voiyd/oci-registry");
  return createRegistrySource({
    credentials: dockerConfigCredentials(),
    hosts: hostsFromFolders({ folders: hostsDirs, insecureRegistries }),
    insecureRegistries,
    logger,
  });
}

/** Where `ctr` and `nerdctl` look, too. */
const DAEMON_HOSTS_DIR = "/etc/containerd/certs.d";

/** The same for pulls by the daemon, which reads one folder and asks for credentials. */
async function transferOptions({ hostsDirs, insecureRegistries }: RegistrySettings): Promise<TransferOptions> {
  const { dockerConfigCredentials } = await import("@voiyd/oci-registry");
  return { credentials: dockerConfigCredentials(), hostsDir: hostsDirs?.[0] ?? DAEMON_HOSTS_DIR, insecureRegistries };
}

function loggerFor(debug: boolean): Logger {
  return debug ? createConsoleLogger({ level: "debug" }) : silentLogger;
}
