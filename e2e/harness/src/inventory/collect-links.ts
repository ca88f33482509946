import type { PrivateHost } from "../host/private-host.js";
import { listKnownHosts } from "../host/known-hosts.js";
import { type Link, listLinks } from "../links/list-links.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import type { Look } from "./until-clear.js";

type Kinds = Pick<LeakInventory, "veths" | "bridgePorts" | "ifbs">;

/** Interfaces made for containers, those on the bridges of others left out. */
export function sortLinks(links: readonly Link[], foreignBridges: readonly string[]): Kinds {
  const own = links.filter((link) => link.master === undefined || !foreignBridges.includes(link.master));
  const bridges = new Set(links.filter((link) => link.kind === "bridge").map((link) => link.name));
  return {
    veths: own.filter((link) => link.kind === "veth").map((link) => link.name),
    bridgePorts: own.flatMap((link) =>
      link.master !== undefined && bridges.has(link.master) ? [`${link.master}: ${link.name}`] : [],
    ),
    ifbs: own.filter((link) => link.kind === "ifb" && link.name.startsWith("bwp")).map((link) => link.name),
  };
}

/** The links of containers; a veth that is on no bridge could be anybody's. */
export async function collectLinks(host: Pick<PrivateHost, "bridge">, scope: InventoryScope): Promise<Look<Kinds>> {
  if (scope === "machine") return { seen: sortLinks(await listLinks(), []), unclear: 0 };
  const bridges = async (): Promise<string[]> => (await listKnownHosts()).flatMap(({ owner }) => owner?.bridge ?? []);
  const before = await bridges();
  const links = await listLinks();
  const foreign = [...before, ...(await bridges())].filter((name) => name !== host.bridge);
  const seen = sortLinks(links, foreign);
  return { seen, unclear: links.filter((link) => link.kind === "veth" && link.master === undefined).length };
}
