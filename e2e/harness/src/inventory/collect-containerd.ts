import type { PrivateHost } from "../host/private-host.js";
import type { LeakInventory } from "./leak-inventory.js";
import { linesOf, parseColumns } from "./table-columns.js";

type Ctr = Pick<PrivateHost, "ctr">;
type Kinds = Pick<
  LeakInventory,
  "containers" | "tasks" | "snapshots" | "layers" | "leases" | "ingests" | "images" | "blobs"
>;

/** Those that a private daemon has (its configuration turns the others off). */
const SNAPSHOTTERS = ["overlayfs", "native"];

/** The references in what `ctr content active` prints, which separates its columns by tabs. */
export function parseIngests(text: string): string[] {
  return linesOf(text)
    .slice(1)
    .map((line) => line.split("\t")[0]?.trim() ?? "");
}

/** The keys in what `ctr snapshots list` prints, committed ones apart. */
export function parseSnapshots(text: string): { active: string[]; committed: string[] } {
  const rows = parseColumns(text, ["KEY", "PARENT", "KIND"]);
  const keys = (committed: boolean): string[] =>
    rows.filter((row) => (row.KIND === "Committed") === committed).map((row) => row.KEY);
  return { active: keys(false), committed: keys(true) };
}

async function collectNamespace(host: Ctr, namespace: string): Promise<Kinds> {
  const list = async (...args: readonly string[]): Promise<string[]> =>
    linesOf(await host.ctr("--namespace", namespace, ...args)).map((line) => `${namespace}/${line.trim()}`);
  const [containers, tasks, leases, images, blobs, active, ...snapshots] = await Promise.all([
    list("containers", "list", "--quiet"),
    list("tasks", "list", "--quiet"),
    list("leases", "list", "--quiet"),
    list("images", "list", "--quiet"),
    list("content", "list", "--quiet"),
    host.ctr("--namespace", namespace, "content", "active"),
    ...SNAPSHOTTERS.map(async (snapshotter) => {
      const { active, committed } = parseSnapshots(
        await host.ctr("--namespace", namespace, "snapshots", "--snapshotter", snapshotter, "list"),
      );
      const name = (key: string): string => `${snapshotter}/${namespace}/${key}`;
      return { active: active.map(name), committed: committed.map(name) };
    }),
  ]);
  return {
    containers,
    tasks,
    leases,
    images,
    blobs,
    ingests: parseIngests(active).map((reference) => `${namespace}/${reference}`),
    snapshots: snapshots.flatMap((kind) => kind.active),
    layers: snapshots.flatMap((kind) => kind.committed),
  };
}

/** The namespaces that the daemon has. */
export async function listNamespaces(host: Ctr): Promise<readonly string[]> {
  return linesOf(await host.ctr("namespaces", "list", "--quiet")).map((line) => line.trim());
}

/** What the daemon holds in some of its namespaces, asked with `ctr`. */
export async function collectContainerd(host: Ctr, namespaces: readonly string[]): Promise<Kinds> {
  const all: Kinds[] = [];
  for (const namespace of namespaces) all.push(await collectNamespace(host, namespace));
  const join = (kind: keyof Kinds): string[] => all.flatMap((one) => one[kind]);
  return {
    containers: join("containers"),
    tasks: join("tasks"),
    snapshots: join("snapshots"),
    layers: join("layers"),
    leases: join("leases"),
    ingests: join("ingests"),
    images: join("images"),
    blobs: join("blobs"),
  };
}
