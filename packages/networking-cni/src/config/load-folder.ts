import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { Logger } from "@voiyd/logger";
import { RuntimeError } from "@voiyd/runtime-api";
import { errorCode, errorMessage } from "../plugin/error-code.js";
import {
  parseConfigList,
  parseSingleConfig,
  withSideLoadedPlugins,
  type NetworkConfigList,
} from "../protocol/config-list.js";

/** A network and the file that it stands in. */
export interface LoadedNetwork {
  readonly list: NetworkConfigList;
  readonly file: string;
}

/** What a folder holds. */
export interface LoadedFolder {
  /** Lists before single configurations, each in the order of their file names; the first of a name is the one. */
  readonly networks: readonly LoadedNetwork[];
  /** Files that cannot be used, and why. */
  readonly problems: readonly { readonly file: string; readonly error: unknown }[];
}

/** Reads a folder of network configurations. One bad file does not keep the others from being used. */
export async function loadConfigFolder(dir: string): Promise<LoadedFolder> {
  const names = fileNames(dir);
  const lists = names.filter((name) => extname(name) === ".conflist");
  const singles = names.filter((name) => extname(name) === ".conf" || extname(name) === ".json");
  const networks: LoadedNetwork[] = [];
  const problems: { file: string; error: unknown }[] = [];
  for (const name of [...lists, ...singles]) {
    const file = join(dir, name);
    try {
      const list = await loadConfigFile(file);
      if (!networks.some((other) => other.list.name === list.name)) networks.push({ list, file });
    } catch (error) {
      problems.push({ file, error });
    }
  }
  return { networks, problems };
}

/**
 * Reads one file. Throws `NETWORK_CONFIG_INVALID`. Synchronous inside: each attach waits for it, and these few bytes are
 * there before the thread pool is asked.
 */
export async function loadConfigFile(file: string): Promise<NetworkConfigList> {
  const text = readFileSync(file, "utf8");
  if (extname(file) !== ".conflist") return parseSingleConfig(text, file);
  const list = parseConfigList(text, file);
  if (list.loadOnlyInlinedPlugins) return list;
  const beside = join(dirname(file), list.name);
  const names = fileNames(beside).filter((name) => extname(name) === ".conf");
  const texts = names.map((name) => readFileSync(join(beside, name), "utf8"));
  return withSideLoadedPlugins(list, texts, file);
}

/** The network of this name. Throws `NETWORK_NOT_FOUND`, or `NETWORK_CONFIG_INVALID` when its file may be a bad one. */
export async function findNetwork(dir: string, name: string, logger: Logger): Promise<LoadedNetwork> {
  const { networks, problems } = await loadConfigFolder(dir);
  for (const { file, error } of problems)
    logger.warn("network configuration skipped", { file, error: errorMessage(error) });
  const found = networks.find(({ list }) => list.name === name);
  if (found !== undefined) return found;
  const known = networks.map(({ list }) => list.name);
  throw new RuntimeError("NETWORK_NOT_FOUND", `network ${name}: no configuration of that name in ${dir}`, {
    hint: [
      known.length === 0 ? "There are no networks" : `Known networks: ${known.join(", ")}`,
      ...problems.map(({ file }) => `${file} cannot be read`),
    ].join("; "),
    details: { network: name, known, unreadable: problems.map(({ file }) => file) },
  });
}

function fileNames(dir: string): readonly string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    // By bytes, as Go sorts: no locale decides which network comes first.
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
