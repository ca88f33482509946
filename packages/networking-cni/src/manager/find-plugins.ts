import type { PluginExecutor } from "../plugin/executor.js";
import type { NetworkConfigList } from "../protocol/config-list.js";

/** Where each plugin of a list is, in the list's order; `undefined` where looking for it failed. */
export type PluginPaths = readonly Promise<string | undefined>[];

/**
 * Begins to look for all plugins of a list at once, beside whatever else comes before the first one of them. What is
 * missing is told when it is its turn.
 */
export function findPlugins(
  executor: PluginExecutor,
  { plugins }: NetworkConfigList,
  binDirs: readonly string[],
): PluginPaths {
  return plugins.map(async ({ type }) => {
    try {
      return (await executor.find(type, binDirs))?.path;
    } catch {
      // Whatever it is, the call itself meets it again, and says whose it is.
      return undefined;
    }
  });
}
