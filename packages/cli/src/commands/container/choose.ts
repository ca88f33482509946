import type { Container } from "@voiyd/runtime-api";
import { type ContainerFilters, networksOf } from "../../options/container-filter.js";
import type { CommandRuntime, Context } from "../command.js";

type Test = (container: Container) => boolean;

/** Those of `containers` that fit. Throws `NOT_FOUND` for a container to compare with that does not exist. */
export async function chooseContainers(
  containers: readonly Container[],
  filters: ContainerFilters,
  context: Pick<Context, "runtime" | "network" | "signal">,
): Promise<readonly Container[]> {
  const runtime = await context.runtime();
  const tests = [
    filters.fits,
    ...(await inTime(runtime, filters, context.signal)),
    ...(await ofImages(runtime, filters, context.signal)),
    ...(await onNetworks(runtime, filters, context)),
  ];
  return containers.filter((container) => tests.every((test) => test(container)));
}

async function inTime(
  runtime: CommandRuntime,
  { before, since }: ContainerFilters,
  signal: AbortSignal,
): Promise<readonly Test[]> {
  const made = async (ref: string): Promise<number> => (await runtime.get(ref, { signal })).meta.created.getTime();
  const [ends, begins] = await Promise.all([Promise.all(before.map(made)), Promise.all(since.map(made))]);
  return [
    ...ends.map(
      (end): Test =>
        ({ meta }) =>
          meta.created.getTime() < end,
    ),
    ...begins.map(
      (begin): Test =>
        ({ meta }) =>
          meta.created.getTime() > begin,
    ),
  ];
}

/** Made from an image of one of these names or ids, under whatever name. */
async function ofImages(
  runtime: CommandRuntime,
  { ancestors }: ContainerFilters,
  signal: AbortSignal,
): Promise<readonly Test[]> {
  if (ancestors.length === 0) return [];
  const { formatReference, parseReference } = await import("@voiyd/oci-registry");
  const normalised = (text: string): string => {
    try {
      return formatReference(parseReference(text));
    } catch {
      return text; // No name of an image: an id, or one that no container can have.
    }
  };
  const images = await runtime.listImages({ signal });
  const digestOf = (name: string): string | undefined => images.find((image) => image.name === name)?.digest;
  const names = new Set(ancestors.map(normalised));
  const prefixes = ancestors
    .map((text) => text.replace(/^sha256:/, ""))
    .filter((text) => /^[0-9a-f]{4,64}$/.test(text))
    .map((text) => `sha256:${text}`);
  const digests = new Set([...names].map(digestOf));
  return [
    ({ config }) => {
      const name = normalised(config.image);
      const digest = digestOf(name);
      if (names.has(name)) return true;
      return digest !== undefined && (digests.has(digest) || prefixes.some((prefix) => digest.startsWith(prefix)));
    },
  ];
}

/** Made for one of these networks, or connected to it since. */
async function onNetworks(
  runtime: CommandRuntime,
  { networks }: ContainerFilters,
  { network, signal }: Pick<Context, "network" | "signal">,
): Promise<readonly Test[]> {
  if (networks.length === 0) return [];
  const connected = new Set(
    (await (await network()).list({ signal }))
      .filter(({ interfaces }) => interfaces.some((one) => networks.includes(one.network)))
      .map(({ containerId }) => containerId),
  );
  return [
    (container) =>
      networksOf(container).some((name) => networks.includes(name)) ||
      connected.has(`${runtime.namespace()}-${container.status.id}`),
  ];
}
