import { setImmediate as nextTurn } from "node:timers/promises";
import type { Container, ContainerConfig, ContainerRequest, ContainerStatus, RunOptions } from "@voiyd/runtime-api";
import { assertContainerRequest } from "@voiyd/runtime-api";
import { resolveCommand } from "./command.js";
import { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";
import { normalizeReference } from "./reference.js";
import { startProcess } from "./start-process.js";

/** `Runtime.run`: the record first, then what it needs, then the process; whatever fails undoes all of it. */
export async function runContainer(
  host: MemoryHost,
  request: ContainerRequest,
  { signal }: RunOptions,
): Promise<Container> {
  signal?.throwIfAborted();
  assertContainerRequest(request);
  normalizeReference(request.config.image);
  const container = new MemoryContainer(host.generateId(), request, host.clock.now());
  host.containers.add(container);
  try {
    await setUp(host, container, signal);
    return container.snapshot;
  } catch (error) {
    host.remove(container);
    throw error;
  }
}

async function setUp(host: MemoryHost, container: MemoryContainer, signal: AbortSignal | undefined): Promise<void> {
  const { config } = container.snapshot;
  const { signal: deleted } = container.deleted;
  const ended = signal === undefined ? deleted : AbortSignal.any([signal, deleted]);
  // Between the steps others get their turn, as they do in a real runtime: they may delete or abort.
  await nextTurn();
  ended.throwIfAborted();
  const { content, files } = host.images.get(config.image, config.platform).stored;
  container.image = content;
  container.files.load(files);
  const command = resolveCommand(config, content, host.programs);
  container.command = command;
  await nextTurn();
  ended.throwIfAborted();
  const ports = host.ports.claim(container.id, config.portMappings ?? []);
  await nextTurn();
  ended.throwIfAborted();
  const ownNetwork = config.network !== "none" && config.network !== "host";
  const network: Pick<ContainerStatus, "ip" | "ports"> = ownNetwork
    ? { ip: fixedAddress(config) ?? host.nextAddress(), ports }
    : {};
  container.connect(network);
  startProcess(host, container);
  host.tell(container, "create");
  host.tell(container, "start", { pid: container.process?.pid ?? 0 });
}

/** The address that was asked for on the first network, IPv4 before IPv6. */
function fixedAddress({ networks = [] }: ContainerConfig): string | undefined {
  const addresses = networks[0]?.ips?.map((ip) => ip.split("/")[0] ?? "") ?? [];
  return addresses.find((address) => !address.includes(":")) ?? addresses[0];
}
