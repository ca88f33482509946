import type { EnvVar, ExecRequest } from "@voiyd/runtime-api";
import type { Json } from "../container/read-process.js";
import { isRecord } from "../container/json.js";
import { restoreLimits } from "../lifecycle/patch-spec.js";
import { capabilitySets } from "../spec/capability-sets.js";
import type { SpecUser } from "../spec/oci.js";

export interface ExecSpecInput {
  /** The container's own first process. */
  readonly process: Json;
  readonly request: ExecRequest;
  /** Where the request names one. */
  readonly user?: SpecUser | undefined;
  /** What this host can give at most. */
  readonly hostCapabilities: readonly string[];
}

/** The OCI `process` of a further process: the first one's, with what the request changes. A pure function. */
export function execSpec({ process, request, user, hostCapabilities }: ExecSpecInput): Json {
  const { privileged = false, tty = false, size } = request;
  const isRoot = (user?.uid ?? uidOf(process)) === 0;
  const { apparmorProfile, ...inherited } = restoreLimits(process);
  return {
    ...inherited,
    terminal: tty,
    args: [...request.args],
    env: variables(stringsOf(process["env"]), request.envvars ?? [], tty),
    cwd: request.workingDir ?? process["cwd"],
    // Left out of the JSON where there is none: the container's own says nothing about another terminal.
    consoleSize: size === undefined ? undefined : { width: size.columns, height: size.rows },
    ...(user === undefined ? {} : { user }),
    ...capabilitiesOf(process, { privileged, isRoot, hostCapabilities, keep: user === undefined }),
    ...(privileged || apparmorProfile === undefined ? {} : { apparmorProfile }),
  };
}

/** Another user has other rights: what the container may do at most, for root, and none of it for the rest. */
function capabilitiesOf(
  process: Json,
  {
    privileged,
    isRoot,
    hostCapabilities,
    keep,
  }: { privileged: boolean; isRoot: boolean; hostCapabilities: readonly string[]; keep: boolean },
): { readonly capabilities?: unknown } {
  const own = process["capabilities"];
  if (!privileged && keep) return { capabilities: own };
  const sets = isRecord(own) ? own : {};
  const ambient = stringsOf(sets["ambient"]);
  const names = privileged ? hostCapabilities : stringsOf(sets["bounding"]);
  return { capabilities: capabilitySets(names, ambient, isRoot) };
}

function uidOf(process: Json): unknown {
  const { user } = process;
  return isRecord(user) ? (user["uid"] ?? 0) : 0;
}

/** A terminal without a type is of no use, so it gets one unless it has. */
function variables(own: readonly string[], added: readonly EnvVar[], tty: boolean): readonly string[] {
  const values = new Map(tty ? [["TERM", "xterm"]] : []);
  for (const entry of own) {
    const separator = entry.indexOf("=");
    values.set(entry.slice(0, separator), entry.slice(separator + 1));
  }
  for (const { name, value } of added) values.set(name, value);
  return Array.from(values, ([name, value]) => `${name}=${value}`);
}

function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
