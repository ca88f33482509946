import {
  type BindMount,
  invalid,
  isVolumeName,
  type Mount,
  type TmpfsMount,
  type VolumeMount,
} from "@voiyd/runtime-api";
import { resolve } from "node:path";
import { parseBoolean } from "../command-line/boolean.js";
import { parseCsv } from "./csv.js";
import { parseMode } from "./number.js";
import { parseSize } from "./size.js";
import { PROPAGATIONS } from "./volume.js";

/** Other names of keys. */
const SYNONYMS: Readonly<Record<string, string>> = {
  source: "src",
  target: "dst",
  destination: "dst",
  ro: "readonly",
};
/** Keys that may stand alone, which means `true`. */
const FLAGS: readonly string[] = ["readonly", "volume-nocopy", "bind-nonrecursive"];
const COMMON: readonly string[] = ["type", "src", "dst", "readonly", "consistency"];
/** What each kind of mount understands besides. */
const KEYS: Readonly<Record<Mount["type"], readonly string[]>> = {
  bind: ["bind-propagation", "bind-nonrecursive", "bind-recursive"],
  volume: ["volume-nocopy", "volume-driver"],
  tmpfs: ["tmpfs-size", "tmpfs-mode"],
};
const RECURSIONS: readonly string[] = ["enabled", "disabled", "writable", "readonly"];

/** One `--mount`, whose values are asked for by key. */
interface Fields {
  readonly text: string;
  readonly value: (key: string) => string | undefined;
  readonly flag: (key: string) => boolean;
}

/**
 * The mount for `type=bind,source=/a,destination=/b,readonly,…`, in Docker's grammar: comma-separated values, keys in any
 * case, a volume where no type is given. Throws `INVALID_ARGUMENT`.
 */
export function parseMount(text: string, cwd: string): Mount {
  const fields = readFields(text);
  const type = fields.value("type") ?? "volume";
  const destination = fields.value("dst");
  if (destination === undefined || destination === "") throw refuse(text, "with destination=PATH");
  const common = { destination, ...(fields.flag("readonly") ? { readOnly: true } : {}) };
  switch (type) {
    case "bind":
      return bindMount(fields, common, cwd);
    case "volume":
      return volumeMount(fields, common);
    case "tmpfs":
      return tmpfsMount(fields, common);
    default:
      throw refuse(text, "of the type bind, volume or tmpfs");
  }
}

type Common = Pick<BindMount, "destination" | "readOnly">;

function bindMount(fields: Fields, common: Common, cwd: string): BindMount {
  const { text } = fields;
  const source = fields.value("src");
  if (source === undefined || source === "") throw refuse(text, "with source=PATH");
  if (!/^(?:\/|\.\.?(?:\/|$))/.test(source)) throw refuse(text, "with a source that begins with / or ./");
  const propagation = PROPAGATIONS.find((one) => one === fields.value("bind-propagation"));
  if (propagation === undefined && fields.value("bind-propagation") !== undefined)
    throw refuse(text, `with bind-propagation=${PROPAGATIONS.join("|")}`);
  return {
    type: "bind",
    source: resolve(cwd, source),
    ...common,
    ...(propagation === undefined ? {} : { propagation }),
    ...recursion(fields, common.readOnly === true),
  };
}

function recursion(fields: Fields, isReadOnly: boolean): Pick<BindMount, "nonRecursive" | "readOnlyDepth"> {
  const mode = fields.value("bind-recursive");
  if (mode !== undefined && !RECURSIONS.includes(mode))
    throw refuse(fields.text, `with bind-recursive=${RECURSIONS.join("|")}`);
  if ((mode === "writable" || mode === "readonly") && !isReadOnly)
    throw refuse(fields.text, `readonly, with bind-recursive=${mode}`);
  if (mode === "readonly" && fields.value("bind-propagation") !== "rprivate")
    throw refuse(fields.text, "with bind-propagation=rprivate, with bind-recursive=readonly");
  if (mode === "disabled" || fields.flag("bind-nonrecursive")) return { nonRecursive: true };
  if (mode === "writable") return { readOnlyDepth: "top" };
  return mode === "readonly" ? { readOnlyDepth: "recursive" } : {};
}

function volumeMount(fields: Fields, common: Common): VolumeMount {
  const name = fields.value("src");
  if (name !== undefined && name !== "" && !isVolumeName(name))
    throw refuse(fields.text, "with a volume's name as its source");
  const driver = fields.value("volume-driver");
  if (driver !== undefined && driver !== "local") throw refuse(fields.text, "with volume-driver=local, the only one");
  return {
    type: "volume",
    ...(name === undefined || name === "" ? {} : { name }),
    ...common,
    ...(fields.flag("volume-nocopy") ? { noCopy: true } : {}),
  };
}

function tmpfsMount(fields: Fields, common: Common): TmpfsMount {
  if (fields.value("src") !== undefined) throw refuse(fields.text, "without a source, with type=tmpfs");
  const size = fields.value("tmpfs-size");
  const mode = fields.value("tmpfs-mode");
  return {
    type: "tmpfs",
    ...common,
    ...(size === undefined ? {} : { size: parseSize("--mount tmpfs-size", size) }),
    ...(mode === undefined ? {} : { mode: parseMode("--mount tmpfs-mode", mode) }),
  };
}

function readFields(text: string): Fields {
  const values = new Map<string, string>();
  for (const field of parseCsv(text) ?? []) {
    const equals = field.indexOf("=");
    const given = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const key = Object.hasOwn(SYNONYMS, given) ? (SYNONYMS[given] ?? given) : given;
    if (equals === -1 && !FLAGS.includes(key)) throw refuse(text, "made of KEY=VALUE, separated by commas");
    values.set(key, equals === -1 ? "true" : field.slice(equals + 1));
  }
  const type = values.get("type") ?? "volume";
  const understood = [...COMMON, ...(type === "bind" || type === "volume" || type === "tmpfs" ? KEYS[type] : [])];
  const strange = [...values.keys()].find((key) => !understood.includes(key));
  if (strange !== undefined || values.size === 0) {
    throw refuse(text, `for type=${type} made of ${understood.join(", ")}`);
  }
  return {
    text,
    value: (key) => values.get(key),
    flag: (key) => {
      const on = parseBoolean(values.get(key) ?? "false");
      if (on === undefined) throw refuse(text, `with ${key}=true or false`);
      return on;
    },
  };
}

function refuse(text: string, allowed: string): Error {
  return invalid("--mount", text, allowed);
}
