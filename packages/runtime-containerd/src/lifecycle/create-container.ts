import type { Container, ContainerRequest } from "@voiyd/runtime-api";
import { writePhase } from "../container/container-store.js";
import { hostId, type RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { makeFiles } from "../run/create-task.js";
import { isManaged } from "../run/network.js";
import { makeContainer, type Making } from "../run/run-container.js";
import { hostnameOf } from "../spec/hostname.js";
import type { SpecNetwork } from "../spec/build-spec.js";

type Options = { signal?: AbortSignal };

/** A container that is whole but for what only a running one has: a network and a process. */
export function createContainer(
  context: RuntimeContext,
  request: ContainerRequest,
  options: Options,
): Promise<Container> {
  return makeContainer(context, request, makeIdle, options);
}

async function makeIdle(context: RuntimeContext, making: Making, options: Options): Promise<Container> {
  const { id, stored, image, prepared } = making;
  const { config, meta } = stored;
  const hostname =
    prepared.joined.names?.hostname ?? hostnameOf(config, id, context.host.facts.hostname ?? "localhost");
  const network = Promise.resolve(networkToBe(context, making));
  await makeFiles(context, { id, name: meta.name, config, image, prepared, hostname, network }, options);
  await mapped(`container ${meta.name}`, () => writePhase(context, id, "created", options));
  return { version: stored.version, meta, config, status: { phase: "created", id } };
}

/** The namespace need not exist yet; its path follows from the id. */
function networkToBe(context: RuntimeContext, { id, stored: { config }, prepared }: Making): SpecNetwork {
  const joined = prepared.joined.network;
  if (joined !== undefined) return { kind: "joined", path: joined };
  if (isManaged(config)) return { kind: "joined", path: context.network.namespacePath(hostId(context, id)) };
  return { kind: config.network === "host" ? "host" : "none" };
}
