import { allInOrder } from "../async/all-in-order.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { isJsonObject, stringAt, stringsAt, tryParseJson } from "../protocol/json.js";
import { encodeVersionRequest } from "../protocol/request.js";
import { readComplaint } from "../protocol/plugin-answer.js";
import { pluginError } from "../protocol/failure.js";
import { selectVersion, type PluginVersions } from "../protocol/select-version.js";
import { NEWEST_CNI_VERSION } from "../protocol/versions.js";
import { pluginNotFound, type CallOptions } from "./call-plugin.js";
import type { FoundPlugin, PluginExecutor } from "./executor.js";
import type { ProcessOutcome } from "./run-process.js";

/** Finds out which versions plugins speak, and remembers it as long as their files stay the same. */
export class VersionProbe {
  readonly #executor: PluginExecutor;
  readonly #known = new Map<string, Promise<readonly string[]>>();

  constructor(executor: PluginExecutor) {
    this.#executor = executor;
  }

  /**
   * The version for all calls of a list. Throws what is wrong with the first plugin of the list that has something wrong,
   * `PLUGIN_NOT_FOUND` where it is missing; `NETWORK_CONFIG_INVALID` when the plugins have none in common.
   */
  async negotiate(list: NetworkConfigList, binDirs: readonly string[], call: CallOptions): Promise<string> {
    const types = new Set(
      list.plugins.flatMap(({ type, ipamType }) => (ipamType === undefined ? [type] : [type, ipamType])),
    );
    const asked = Array.from(types, (type) => this.versionsOf(type, list.name, binDirs, call));
    return selectVersion(list, await allInOrder(asked));
  }

  /** The versions that a plugin speaks. Throws `PLUGIN_NOT_FOUND`. */
  async versionsOf(
    type: string,
    network: string,
    binDirs: readonly string[],
    call: CallOptions,
  ): Promise<PluginVersions> {
    const found = await this.#executor.find(type, binDirs);
    if (found === undefined) throw pluginNotFound(type, network, binDirs);
    const known = this.#known.get(found.identity);
    // What went wrong for another one (it gave up, say) says nothing of this one.
    const versions = (await known?.catch(() => undefined)) ?? (await this.#askOnce(found, type, network, call));
    return { type, versions };
  }

  async #askOnce(found: FoundPlugin, type: string, network: string, call: CallOptions): Promise<readonly string[]> {
    const asked = this.#ask(found, type, network, call);
    this.#known.set(found.identity, asked);
    try {
      return await asked;
    } catch (error) {
      if (this.#known.get(found.identity) === asked) this.#known.delete(found.identity);
      throw error;
    }
  }

  async #ask(found: FoundPlugin, plugin: string, network: string, call: CallOptions): Promise<readonly string[]> {
    const outcome = await this.#executor.exec({
      path: found.path,
      ...encodeVersionRequest(NEWEST_CNI_VERSION),
      ...call,
    });
    const versions = readVersions(outcome);
    if (versions !== undefined) return versions;
    call.signal.throwIfAborted();
    const complaint = readComplaint(outcome, `exit code ${String(outcome.exitCode)}`);
    const { exitCode, stderr } = outcome;
    throw pluginError({ command: "VERSION", plugin, network, containerId: "", complaint, exitCode, stderr });
  }
}

/** Plugins of before 0.2.0 do not know the command, those of 0.2.0 may leave the list out (as libcni knows). */
function readVersions(outcome: ProcessOutcome): readonly string[] | undefined {
  const answer = tryParseJson(outcome.stdout);
  if (!isJsonObject(answer)) return undefined;
  if (outcome.exitCode !== 0) {
    return stringAt(answer, "msg")?.includes("unknown CNI_COMMAND: VERSION") === true ? ["0.1.0"] : undefined;
  }
  const versions = stringsAt(answer, "supportedVersions");
  if (versions.length > 0) return versions;
  return stringAt(answer, "cniVersion") === "0.2.0" ? ["0.1.0", "0.2.0"] : undefined;
}
