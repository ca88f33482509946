import type { LeakInventory, LeakKind } from "./leak-inventory.js";

export interface InventoryDifference {
  readonly kind: LeakKind;
  /** `left`: was not there before. `lost`: is not there any more. */
  readonly change: "left" | "lost";
  readonly entry: string;
}

export interface DiffOptions {
  /** Kinds that may differ. */
  readonly ignore?: readonly LeakKind[];
  /** Compares `layers` and `blobs` too, which a pull rightly keeps. Default false. */
  readonly content?: boolean;
  /** Compares `helpers` too, which end by themselves a moment later. Default false. */
  readonly helpers?: boolean;
}

/** The kinds, in the order in which they are told: causes before consequences. */
const KINDS: readonly LeakKind[] = [
  "containers",
  "tasks",
  "shims",
  "processes",
  "helpers",
  "snapshots",
  "leases",
  "ingests",
  "images",
  "networkNamespaces",
  "veths",
  "bridgePorts",
  "ifbs",
  "ipamLeases",
  "cniChains",
  "cniRules",
  "cniRecords",
  "tuningBackups",
  "mounts",
  "fifos",
  "logFolders",
  "stateFiles",
  "cgroups",
  "bundles",
  "workDirs",
  "runcStates",
  "shimSockets",
  "layers",
  "blobs",
];
const CONTENT: readonly LeakKind[] = ["layers", "blobs"];
const HELPERS: readonly LeakKind[] = ["helpers"];

/** What `many` has more often than `few`. */
function surplus(many: readonly string[], few: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const entry of few) left.set(entry, (left.get(entry) ?? 0) + 1);
  return many.filter((entry) => {
    const count = left.get(entry) ?? 0;
    left.set(entry, count - 1);
    return count <= 0;
  });
}

/** What differs between two inventories; empty when nothing does. */
export function diffInventory(
  before: LeakInventory,
  after: LeakInventory,
  options: DiffOptions = {},
): InventoryDifference[] {
  const ignored = new Set<LeakKind>([
    ...(options.ignore ?? []),
    ...(options.content === true ? [] : CONTENT),
    ...(options.helpers === true ? [] : HELPERS),
  ]);
  return KINDS.filter((kind) => !ignored.has(kind)).flatMap((kind) => [
    ...surplus(after[kind], before[kind]).map((entry) => ({ kind, change: "left", entry }) as const),
    ...surplus(before[kind], after[kind]).map((entry) => ({ kind, change: "lost", entry }) as const),
  ]);
}

/** `networkNamespaces` as `network namespaces`. */
const words = (kind: LeakKind): string =>
  kind
    .replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^cni/u, "CNI")
    .replace(/^ipam/u, "IPAM")
    .replace("work dirs", "work folders");

/** The differences as lines for a person: `+` for what was left behind, `-` for what went missing. */
export function formatDifference(differences: readonly InventoryDifference[]): string {
  const kinds = KINDS.filter((kind) => differences.some((difference) => difference.kind === kind));
  return kinds
    .map((kind) =>
      [
        `${words(kind)}:`,
        ...differences
          .filter((difference) => difference.kind === kind)
          .map(({ change, entry }) => `  ${change === "left" ? "+" : "-"} ${entry}`),
      ].join("\n"),
    )
    .join("\n");
}
