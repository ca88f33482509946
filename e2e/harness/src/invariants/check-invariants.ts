import type { LeakInventory, LeakKind } from "../inventory/leak-inventory.js";

/** A rule of `docs/reliability.md` that the host breaks. */
export interface Violation {
  /** As `I-1`. */
  readonly rule: string;
  readonly what: string;
}

/** What is on the host for one container, and so must not be there without a record of it. */
const OF_ONE_CONTAINER: readonly (readonly [rule: string, kind: LeakKind])[] = [
  ["I-0", "stateFiles"],
  ["I-1", "tasks"],
  ["I-2", "shims"],
  ["I-3", "bundles"],
  ["I-3", "workDirs"],
  ["I-3", "runcStates"],
  ["I-4", "snapshots"],
  ["I-7", "mounts"],
  ["I-8", "networkNamespaces"],
  ["I-10", "ipamLeases"],
  ["I-11", "cniRecords"],
  ["I-12", "cniRules"],
  ["I-13", "cgroups"],
  ["I-14", "fifos"],
  ["I-17", "processes"],
];

/** Kinds that stand and fall together: whatever container is in one of them is in the other. */
const TOGETHER: readonly (readonly [rule: string, LeakKind, LeakKind])[] = [
  ["I-2", "tasks", "shims"],
  ["I-3", "tasks", "bundles"],
  ["I-13", "tasks", "cgroups"],
  ["I-11", "networkNamespaces", "cniRecords"],
  ["I-10", "cniRecords", "ipamLeases"],
];

const NAME_LEASE = "voiyd/name/";

/**
 * What has to be true of a host at rest, whatever has happened before, judged by what other clients than ours have seen:
 * `ctr`, `ip`, `iptables-save`, `nft` and plain files. Empty when everything is.
 *
 * @param inventory of a host on which voiyd alone makes containers, with networks of the bridge and host-local plugins
 */
export function checkInvariants(inventory: LeakInventory): Violation[] {
  const known = idsOf(inventory.containers);
  const orphans = OF_ONE_CONTAINER.flatMap(([rule, kind]) =>
    inventory[kind]
      .filter((entry) => !idsIn(entry).every((id) => known.has(id)))
      .map((entry) => ({ rule, what: `${kind}: ${entry} belongs to a container without a record` })),
  );
  const alone = TOGETHER.flatMap(([rule, first, second]) => [
    ...missing(rule, inventory, first, second),
    ...missing(rule, inventory, second, first),
  ]);
  return [...orphans, ...alone, ...records(inventory), ...leases(inventory), ...dead(inventory)];
}

function missing(rule: string, inventory: LeakInventory, from: LeakKind, to: LeakKind): Violation[] {
  const there = idsOf(inventory[to]);
  return [...idsOf(inventory[from])]
    .filter((id) => !there.has(id))
    .map((id) => ({ rule, what: `${id} is among ${from}, and not among ${to}` }));
}

/** A record without its snapshot can never run again. */
function records(inventory: LeakInventory): Violation[] {
  const snapshots = idsOf(inventory.snapshots);
  return [...idsOf(inventory.containers)]
    .filter((id) => !snapshots.has(id))
    .map((id) => ({ rule: "I-4", what: `container ${id} has no snapshot` }));
}

/** One name for each container, a log folder for each name, and no lease for anything else. */
function leases({ leases: all, containers, ingests, logFolders }: LeakInventory): Violation[] {
  const names = all.flatMap((lease) => {
    const at = lease.indexOf(NAME_LEASE);
    return at === -1 ? [] : [lease.slice(at + NAME_LEASE.length)];
  });
  const others = all.filter((lease) => !lease.includes(NAME_LEASE));
  const strays = logFolders.filter((entry) => !names.includes(entry.split("/")[0] ?? ""));
  return [
    ...others.map((lease) => ({ rule: "I-5", what: `lease ${lease} is held by nobody at work` })),
    ...(names.length === containers.length
      ? []
      : [{ rule: "I-5", what: `${names.length} names are reserved for ${containers.length} containers` }]),
    ...ingests.map((ingest) => ({ rule: "I-6", what: `${ingest} is written by nobody` })),
    ...strays.map((entry) => ({ rule: "I-15", what: `log folder ${entry} is of a name that nobody has` })),
  ];
}

function dead({ shimSockets, veths, cniRecords }: LeakInventory): Violation[] {
  return [
    ...shimSockets.map((socket) => ({ rule: "I-16", what: `nobody listens on ${socket}` })),
    ...(veths.length === cniRecords.length
      ? []
      : [{ rule: "I-9", what: `${veths.length} veths for ${cniRecords.length} attachments` }]),
  ];
}

function idsOf(entries: readonly string[]): Set<string> {
  return new Set(entries.flatMap(idsIn));
}

/** An id is 64 hex digits; longer runs are hashes of something else. */
function idsIn(entry: string): string[] {
  return entry.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gu) ?? [];
}
