import type { Stage } from "../fixture/stage.js";

/** What this containerd says that it can do: the tests of what only some can do ask it as we do. */
async function plugins(stage: Stage, filter: string) {
  const { plugins: found } = await stage.main.client.introspection.plugins({ filters: [filter] });
  return found.filter(({ initErr }) => initErr === undefined);
}

/** Whether layers may be unpacked without what is below them. */
export async function canRebase(stage: Stage): Promise<boolean> {
  const found = await plugins(stage, `type==io.containerd.snapshotter.v1,id==${stage.host.snapshotter}`);
  return found.some(({ capabilities }) => capabilities.includes("rebase"));
}

/** Whether it can pull by itself. */
export async function hasTransfer(stage: Stage): Promise<boolean> {
  return (await plugins(stage, "type==io.containerd.transfer.v1")).length > 0;
}
