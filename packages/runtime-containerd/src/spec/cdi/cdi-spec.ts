import type { CdiHook, CdiMount, ContainerEdits, DeviceNodeEdit } from "./container-edits.js";
import { RuntimeError } from "@voiyd/runtime-api";
import { JsonValue } from "../json-value.js";
import type { HookName } from "../oci.js";

/** A file of the Container Device Interface (specification, "CDI JSON Specification"), as far as it is used. */
export interface CdiSpec {
  /** `vendor/class` */
  readonly kind: string;
  readonly devices: ReadonlyMap<string, ContainerEdits>;
  /** For every container that gets any of the devices. */
  readonly edits: ContainerEdits;
}

/** The specification's words, and the OCI runtime specification's. */
const HOOKS: Readonly<Record<string, HookName>> = {
  prestart: "prestart",
  createRuntime: "createRuntime",
  createContainer: "createContainer",
  startContainer: "startContainer",
  poststart: "poststart",
  poststop: "poststop",
};
const KIND = /^[a-zA-Z][a-zA-Z0-9_.-]*\/[a-zA-Z][a-zA-Z0-9_-]*$/;
const KNOWN_EDITS: readonly string[] = [
  "env",
  "deviceNodes",
  "mounts",
  "hooks",
  "additionalGids",
  "additionalGIDs",
  "netDevices",
];

/** Reads a parsed document. Throws `FAILED_PRECONDITION`, naming the file: an edit that is not understood is not left out. */
export function parseCdiSpec(document: unknown, file: string): CdiSpec {
  const fail = (where: string, problem: string): RuntimeError =>
    new RuntimeError("FAILED_PRECONDITION", `CDI file ${file}: ${where} ${problem}`, {
      hint: "mend the file, or have the vendor's tool write it again",
      details: { file },
    });
  const spec = new JsonValue(document, "spec", fail);
  if (!/^(?:v)?0\.\d+\.\d+$|^(?:v)?1\.\d+\.\d+$/.test(spec.member("cdiVersion").string()))
    throw spec.member("cdiVersion").wrong("is no version that is known");
  const kind = spec.member("kind").string();
  if (!KIND.test(kind)) throw spec.member("kind").wrong("is not vendor/class");
  const devices = spec
    .member("devices")
    .list()
    .map((device) => {
      const name = device.member("name").string();
      return [name, readEdits(device.member("containerEdits"))] as const;
    });
  return { kind, devices: new Map(devices), edits: readEdits(spec.member("containerEdits")) };
}

function readEdits(edits: JsonValue): ContainerEdits {
  for (const [key, value] of edits.entries()) {
    if (!KNOWN_EDITS.includes(key) && value.given) throw edits.member(key).wrong("is not supported");
    if (key === "netDevices" && value.list().length > 0) throw edits.member(key).wrong("is not supported");
  }
  return {
    env: edits.member("env").strings(),
    deviceNodes: edits.member("deviceNodes").list().map(readNode),
    mounts: edits.member("mounts").list().map(readMount),
    hooks: edits.member("hooks").list().map(readHook),
    additionalGids: [...edits.member("additionalGids").list(), ...edits.member("additionalGIDs").list()].map((gid) =>
      gid.count(),
    ),
  };
}

function readNode(node: JsonValue): DeviceNodeEdit {
  const type = node.member("type").optionalString() ?? "";
  const permissions = node.member("permissions").optionalString() ?? "";
  if (!["", "b", "c", "u", "p"].includes(type)) throw node.member("type").wrong("is none of b, c, u and p");
  if (!/^[rwm]*$/.test(permissions)) throw node.member("permissions").wrong("has other letters than r, w and m");
  const path = absolute(node.member("path"));
  const hostPath = node.member("hostPath").given ? absolute(node.member("hostPath")) : path;
  return {
    path,
    hostPath,
    access: permissions === "" ? "rwm" : permissions,
    ...(type === "" ? {} : { type: type === "u" ? "c" : type === "b" ? "b" : type === "p" ? "p" : "c" }),
    ...given("major", node),
    ...given("minor", node),
    ...given("fileMode", node),
    ...given("uid", node),
    ...given("gid", node),
  };
}

function given<Key extends "major" | "minor" | "fileMode" | "uid" | "gid">(
  key: Key,
  node: JsonValue,
): Partial<Record<Key, number>> {
  const value = node.member(key).optionalCount();
  if (value === undefined) return {};
  const part: Partial<Record<Key, number>> = {};
  part[key] = value;
  return part;
}

function readMount(mount: JsonValue): CdiMount {
  const type = mount.member("type").optionalString() ?? "";
  return {
    source: mount.member("hostPath").string(),
    destination: absolute(mount.member("containerPath")),
    type: type === "" ? "bind" : type,
    options: mount.member("options").strings(),
  };
}

function readHook(hook: JsonValue): CdiHook {
  const name = hook.member("hookName").string();
  const known = Object.hasOwn(HOOKS, name) ? HOOKS[name] : undefined;
  if (known === undefined) throw hook.member("hookName").wrong(`is none of ${Object.keys(HOOKS).join(", ")}`);
  const timeout = hook.member("timeout").optionalCount();
  return {
    name: known,
    hook: {
      path: absolute(hook.member("path")),
      args: hook.member("args").strings(),
      env: hook.member("env").strings(),
      ...(timeout === undefined ? {} : { timeout }),
    },
  };
}

function absolute(path: JsonValue): string {
  const text = path.string();
  if (!text.startsWith("/") || text.includes("\0")) throw path.wrong("is no absolute path");
  return text;
}
