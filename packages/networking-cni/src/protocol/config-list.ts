import { invalidConfig } from "./config-error.js";
import { isNetworkName, isPluginType } from "./identifiers.js";
import { isJsonObject, parseJson, stringAt, objectAt, type JsonObject, type JsonValue } from "./json.js";
import { compareVersions, isVersion, NEWEST_CNI_VERSION, newestOf, OLDEST_CNI_VERSION } from "./versions.js";

/** A network: its name, and the plugins that make it. CNI specification, section 1. */
export interface NetworkConfigList {
  readonly name: string;
  /** The versions that the list allows and we speak, at least one; which one is used depends on the plugins too. */
  readonly versions: readonly string[];
  readonly disableCheck: boolean;
  readonly disableGc: boolean;
  /** Whether plugins may stand in files beside the list. */
  readonly loadOnlyInlinedPlugins: boolean;
  readonly plugins: readonly PluginConfig[];
  /** The list as JSON text: what is kept in the record of an attachment. */
  readonly text: string;
}

/** One plugin of a list. */
export interface PluginConfig {
  readonly type: string;
  /** The `type` of its IPAM plugin, when it has one. */
  readonly ipamType?: string;
  /** The capabilities that it declares as literally `true`. */
  readonly capabilities: readonly string[];
  /** The object as it stands in the list. */
  readonly config: JsonObject;
}

/**
 * A list from the text of a `.conflist` file, or of a record. Throws `NETWORK_CONFIG_INVALID`. A list whose plugins all
 * stand in files beside it comes back with none: {@link withSideLoadedPlugins}.
 */
export function parseConfigList(text: string, source: string): NetworkConfigList {
  const object = parseObject(text, source);
  const inlined = object["plugins"];
  const onlyInlined = booleanAt(object, "loadOnlyInlinedPlugins", source);
  if (inlined !== undefined && !(Array.isArray(inlined) && inlined.length > 0)) {
    throw invalidConfig(source, "`plugins` must be a list of at least one plugin");
  }
  if (inlined === undefined && onlyInlined) throw invalidConfig(source, "has no `plugins`");
  return {
    name: parseName(object, source),
    versions: parseVersions(object, source),
    disableCheck: booleanAt(object, "disableCheck", source),
    disableGc: booleanAt(object, "disableGC", source),
    loadOnlyInlinedPlugins: onlyInlined,
    plugins: (Array.isArray(inlined) ? inlined : []).map((plugin: JsonValue) => parsePlugin(plugin, source)),
    text,
  };
}

/** A list of one plugin from the text of a `.conf` or `.json` file. Throws `NETWORK_CONFIG_INVALID`. */
export function parseSingleConfig(text: string, source: string): NetworkConfigList {
  const object = parseObject(text, source);
  const plugin = parsePlugin(object, source);
  const list = { name: object["name"] ?? "", cniVersion: object["cniVersion"] ?? "", plugins: [plugin.config] };
  return parseConfigList(JSON.stringify(list), source);
}

/** The list with more plugins after its own. Its text holds them all, so that it can be read back from a record. */
export function withSideLoadedPlugins(
  list: NetworkConfigList,
  texts: readonly string[],
  source: string,
): NetworkConfigList {
  if (texts.length === 0 && list.plugins.length === 0) throw invalidConfig(source, "has no plugins");
  if (texts.length === 0) return list;
  const plugins = [...list.plugins, ...texts.map((text) => parsePlugin(parseObject(text, source), source))];
  const whole = {
    ...parseObject(list.text, source),
    loadOnlyInlinedPlugins: true,
    plugins: plugins.map((p) => p.config),
  };
  return { ...list, plugins, text: JSON.stringify(whole), loadOnlyInlinedPlugins: true };
}

function parseObject(text: string, source: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw invalidConfig(source, "is not JSON", error);
  }
  if (isJsonObject(value)) return value;
  throw invalidConfig(source, "is not a JSON object");
}

function parseName(object: JsonObject, source: string): string {
  const name = stringAt(object, "name") ?? "";
  if (isNetworkName(name)) return name;
  throw invalidConfig(source, name === "" ? "has no `name`" : `${JSON.stringify(name)} is not a valid network name`);
}

function parsePlugin(value: JsonValue, source: string): PluginConfig {
  if (!isJsonObject(value)) throw invalidConfig(source, "a plugin is not a JSON object");
  const type = stringAt(value, "type") ?? "";
  if (!isPluginType(type)) throw invalidConfig(source, `${JSON.stringify(type)} is not a plugin's type`);
  const ipamType = stringAt(objectAt(value, "ipam") ?? {}, "type");
  if (ipamType !== undefined && ipamType !== "" && !isPluginType(ipamType)) {
    throw invalidConfig(source, `${JSON.stringify(ipamType)} is not an IPAM plugin's type`);
  }
  const declared = Object.entries(objectAt(value, "capabilities") ?? {});
  return {
    type,
    capabilities: declared.filter(([, on]) => on === true).map(([capability]) => capability),
    config: value,
    ...(ipamType === undefined || ipamType === "" ? {} : { ipamType }),
  };
}

/** `cniVersions` counts beside `cniVersion`, and what is newer than we are does not count at all, as in libcni. */
function parseVersions(object: JsonObject, source: string): readonly string[] {
  const declared = stringAt(object, "cniVersion") ?? "";
  const list = object["cniVersions"] ?? [];
  if (!Array.isArray(list)) throw invalidConfig(source, "`cniVersions` must be a list");
  const offered: readonly JsonValue[] = list;
  const all: readonly JsonValue[] = [
    ...offered,
    declared === "" && offered.length === 0 ? OLDEST_CNI_VERSION : declared,
  ];
  const versions = new Set<string>();
  for (const version of all) {
    if (version === "") continue;
    if (typeof version !== "string" || !isVersion(version)) {
      throw invalidConfig(source, `${JSON.stringify(version)} is not a CNI version`);
    }
    if (compareVersions(version, NEWEST_CNI_VERSION) <= 0) versions.add(version);
  }
  if (newestOf([...versions]) !== undefined) return [...versions];
  throw invalidConfig(source, `needs CNI version ${declared}; the newest one spoken here is ${NEWEST_CNI_VERSION}`);
}

/** libcni takes the strings "true" and "false", in any case, for the values. */
function booleanAt(object: JsonObject, key: string, source: string): boolean {
  const value = object[key] ?? false;
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word === "true" || word === "false") return word === "true";
  throw invalidConfig(source, `\`${key}\` must be true or false`);
}
