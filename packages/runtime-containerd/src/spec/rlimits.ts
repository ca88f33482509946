import { invalid, type Ulimit } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import type { Rlimit } from "./oci.js";

/** `RLIM_INFINITY` of `setrlimit(2)`. */
const UNLIMITED = 2n ** 64n - 1n;
const CAP_SYS_RESOURCE = 24n;

export function rlimits(ulimits: readonly Ulimit[]): readonly Rlimit[] {
  return ulimits
    .map(({ name, soft, hard }) => ({ type: `RLIMIT_${name.toUpperCase()}`, hard: value(hard), soft: value(soft) }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

function value(limit: number): number | bigint {
  return limit === -1 ? UNLIMITED : limit;
}

/**
 * Throws `INVALID_ARGUMENT` for limits that this host would refuse: no process may have more open files than
 * `fs.nr_open`, and without CAP_SYS_RESOURCE no hard limit can be raised (`setrlimit(2)`).
 */
export function assertUlimitsAllowed(ulimits: readonly Ulimit[], host: HostFacts): void {
  const mayRaise = (host.boundingCapabilities & (1n << CAP_SYS_RESOURCE)) !== 0n;
  for (const [index, { name, hard }] of ulimits.entries()) {
    const option = `ulimits[${String(index)}].hard`;
    const openFiles = name === "nofile" ? host.maxOpenFiles : undefined;
    if (openFiles !== undefined && (hard === -1 || hard > openFiles)) {
      throw invalid(option, hard, `no more than ${String(openFiles)} for nofile: the host's fs.nr_open`);
    }
    const own = host.hardLimits?.[name];
    if (mayRaise || own === undefined || own === -1) continue;
    if (hard === -1 || hard > own)
      throw invalid(option, hard, `no more than ${String(own)} for ${name}: this host may not raise its limits`);
  }
}
