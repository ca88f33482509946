import { isContainerdError } from "@voiyd/containerd-client";

/** A thing of the daemon's that a lease keeps from being collected. */
export interface LeaseResource {
  /** `content`, `ingests`, or `snapshots/` and the snapshotter. */
  readonly type: string;
  readonly id: string;
}

/** The part of the daemon's service that is needed here. */
interface Leases {
  list(request: object, options: Options): Promise<{ readonly leases: readonly { readonly id: string }[] }>;
  listResources(request: { id: string }, options: Options): Promise<{ readonly resources: readonly LeaseResource[] }>;
}

interface Context {
  readonly client: { readonly leases: Leases };
}

type Options = { signal?: AbortSignal };

/** What a lease holds: nothing, when it has ended since somebody has seen it. */
export async function leaseResources(
  { client }: Context,
  id: string,
  options: Options,
): Promise<readonly LeaseResource[]> {
  try {
    return (await client.leases.listResources({ id }, options)).resources;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return [];
    throw error;
  }
}

/** What all leases of the namespace hold. They come and go meanwhile: others are at work. */
export async function allLeaseResources(context: Context, options: Options): Promise<readonly LeaseResource[]> {
  const held: LeaseResource[] = [];
  const { leases } = await context.client.leases.list({}, options);
  for (const { id } of leases) held.push(...(await leaseResources(context, id, options)));
  return held;
}
