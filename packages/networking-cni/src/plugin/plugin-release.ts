import type { CallOptions } from "./call-plugin.js";
import type { PluginExecutor } from "./executor.js";

/**
 * The release of a plugin, as `1.4.0`, from the line about itself that it writes when it is given no command.
 * `undefined` where it says none: Debian's plugins answer "version unknown".
 */
export async function pluginRelease(
  executor: PluginExecutor,
  type: string,
  binDirs: readonly string[],
  call: CallOptions,
): Promise<string | undefined> {
  const found = await executor.find(type, binDirs);
  if (found === undefined) return undefined;
  const outcome = await executor.exec({ path: found.path, env: {}, stdin: "", ...call });
  return / v(\d+\.\d+\.\d+)/.exec(outcome.stderr)?.[1];
}
