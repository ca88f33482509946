import type { GrantedDevice } from "../devices.js";
import { deviceRules } from "../devices.js";
import type { Hook, HookName, Hooks, Spec } from "../oci.js";
import type { ContainerEdits } from "./container-edits.js";

/** A device's edits with the numbers of its nodes. */
export interface CdiEdits extends Omit<ContainerEdits, "deviceNodes"> {
  readonly devices: readonly GrantedDevice[];
}

/** The specification with what the devices want changed (CDI specification, "OCI Edits"). */
export function applyCdiEdits(spec: Spec, all: readonly CdiEdits[]): Spec {
  if (all.length === 0) return spec;
  const granted = all.flatMap((edits) => edits.devices);
  const { linux, process } = spec;
  const isPrivileged = linux.resources.devices.some(
    (rule) => rule.allow && rule.type === undefined && rule.access === "rwm",
  );
  const rules = isPrivileged ? [] : deviceRules(false, granted).slice(deviceRules(false).length);
  const hooks = mergeHooks(
    spec.hooks ?? {},
    all.flatMap((edits) => edits.hooks),
  );
  const gids = all.flatMap((edits) => edits.additionalGids).filter((gid) => gid !== 0);
  return {
    ...spec,
    process: {
      ...process,
      env: mergeEnvironment(
        process.env,
        all.flatMap((edits) => edits.env),
      ),
      user: { ...process.user, additionalGids: [...new Set([...process.user.additionalGids, ...gids])] },
    },
    mounts: [...spec.mounts, ...all.flatMap((edits) => edits.mounts)],
    ...(Object.keys(hooks).length === 0 ? {} : { hooks }),
    linux: {
      ...linux,
      resources: { ...linux.resources, devices: [...linux.resources.devices, ...rules] },
      ...(granted.length === 0
        ? {}
        : { devices: [...withoutPaths(linux.devices ?? [], granted), ...granted.map(({ node }) => node)] }),
    },
  };
}

function withoutPaths<Node extends { readonly path: string }>(
  nodes: readonly Node[],
  granted: readonly GrantedDevice[],
): readonly Node[] {
  const replaced = new Set(granted.map(({ node }) => node.path));
  return nodes.filter((node) => !replaced.has(node.path));
}

function mergeEnvironment(own: readonly string[], added: readonly string[]): readonly string[] {
  const entries = [...own, ...added].map((entry) => [entry.split("=", 1)[0] ?? "", entry] as const);
  return [...new Map(entries).values()];
}

function mergeHooks(own: Hooks, added: readonly { readonly name: HookName; readonly hook: Hook }[]): Hooks {
  const merged: Partial<Record<HookName, readonly Hook[]>> = { ...own };
  for (const { name, hook } of added) merged[name] = [...(merged[name] ?? []), hook];
  return merged;
}
