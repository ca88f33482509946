import type { RuntimeContext } from "../context.js";

type Options = { signal?: AbortSignal };

/** Whether the snapshotter can give a snapshot its parent when it is committed; containerd 2.2 and later say so. */
export async function canRebase({ client, snapshotter }: RuntimeContext, options: Options): Promise<boolean> {
  const filters = [`type==io.containerd.snapshotter.v1,id==${snapshotter}`];
  const { plugins } = await client.introspection.plugins({ filters }, options);
  return plugins.some(({ capabilities, initErr }) => initErr === undefined && capabilities.includes("rebase"));
}

/** What containerd needs for moving images on its own: both, and started. Since 1.7. */
const TRANSFER_PLUGINS = ["io.containerd.transfer.v1", "io.containerd.streaming.v1"];

/** Whether the daemon has a transfer service that works. */
export async function hasTransfer({ client }: RuntimeContext, options: Options): Promise<boolean> {
  const filters = TRANSFER_PLUGINS.map((type) => `type==${type}`);
  const { plugins } = await client.introspection.plugins({ filters }, options);
  const started = new Set(plugins.flatMap(({ type, initErr }) => (initErr === undefined ? [type] : [])));
  return TRANSFER_PLUGINS.every((type) => started.has(type));
}
