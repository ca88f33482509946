import { invalid, type VolumesFrom } from "@voiyd/runtime-api";

/** `container[:ro|rw]`. `z` and `Z` say nothing about what is mounted already. Throws `INVALID_ARGUMENT`. */
export function parseVolumesFrom(text: string): VolumesFrom {
  const [, container, mode] = /^([^:]+)(?::(ro|rw|z|Z|ro,z|ro,Z|rw,z|rw,Z))?$/.exec(text) ?? [];
  if (container === undefined) throw invalid("--volumes-from", text, "CONTAINER, CONTAINER:ro or CONTAINER:rw");
  return { container, ...(mode?.startsWith("ro") === true ? { readOnly: true } : {}) };
}
