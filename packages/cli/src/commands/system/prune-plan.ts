import { renderStatus } from "../../output/status.js";
import type { CommandNetwork, CommandRuntime } from "../command.js";
import { parsePruneFilters } from "../../options/prune-filter.js";
import { isStopped } from "../container/stopped.js";
import { prunableImages } from "../image/choose.js";
import { containerBytes, sum } from "./df-summary.js";

export interface PruneChoice {
  /** Images with tags too. */
  readonly all: boolean;
  readonly volumes: boolean;
  /** As of Docker's `--filter`; all have to fit. */
  readonly filters: readonly string[];
}

export interface Doomed {
  readonly kind: "container" | "network" | "volume" | "image";
  /** What it is called, and for a container its id. */
  readonly name: string;
  readonly id?: string;
  /** Why nobody needs it. */
  readonly reason: string;
  /** Of a container what goes with it. */
  readonly bytes?: number;
}

export interface PrunePlan {
  /** The images that may go; absent where all may. */
  readonly only?: readonly string[];
  readonly doomed: readonly Doomed[];
  /** What goes in all. */
  readonly bytes: number;
}

/** What nobody uses, judged as it will be when the containers among it are gone. Changes nothing. */
export async function planPrune(
  runtime: CommandRuntime,
  network: CommandNetwork,
  { all, volumes, filters }: PruneChoice,
  call: { readonly signal: AbortSignal; readonly now: Date },
): Promise<PrunePlan> {
  const { signal, now } = call;
  const isWanted = parsePruneFilters(filters, now);
  // Nobody keeps when a network was made: where a time is asked for, all of them stay.
  const isTimed = filters.some((text) => text.startsWith("until="));
  const stopped = (await runtime.list({ signal })).filter((one) => isStopped(one) && isWanted(one.meta));
  const only = await prunableImages(runtime, filters, { now, signal });
  const without = stopped.map(({ status }) => status.id);
  const attached = new Set(without.map((id) => `${runtime.namespace()}-${id}`));
  const [usage, networks, images, unused] = await Promise.all([
    runtime.diskUsage({ signal }),
    network.networks({ signal }),
    runtime.pruneImages({ all, dryRun: true, without, signal, ...(only === undefined ? {} : { only }) }),
    volumes ? runtime.pruneVolumes({ dryRun: true, without, signal }) : { removed: [] },
  ]);
  const sizes = new Map<string, number>(usage.containers.map((one) => [one.id, containerBytes(one)]));
  const own = sum(without.map((id) => sizes.get(id) ?? 0));
  const bytes = own + sum(unused.removed.map((volume) => volume.bytes)) + images.reclaimedBytes;
  const doomed: Doomed[] = [
    ...stopped.map((container): Doomed => ({
      kind: "container",
      name: container.meta.name,
      id: container.status.id,
      bytes: sizes.get(container.status.id) ?? 0,
      reason: renderStatus(container, now).toLowerCase(),
    })),
    ...networks
      .filter(({ isOwn, containers }) => isOwn && containers.every((id) => attached.has(id)))
      .filter(({ labels }) => !isTimed && isWanted({ created: now, labels }))
      .map(({ name }): Doomed => ({ kind: "network", name, reason: "no container is on it" })),
    ...unused.removed.map(({ name, reason }): Doomed => ({ kind: "volume", name, reason })),
    ...images.removed.map(({ name, reason }): Doomed => ({ kind: "image", name, reason })),
  ];
  return { doomed, bytes, ...(only === undefined ? {} : { only }) };
}
