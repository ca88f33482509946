import type { PrivateHost } from "../host/private-host.js";
import { listKnownHosts } from "../host/known-hosts.js";
import { type Link, listLinks } from "../links/list-links.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";

type Kinds = Pick<LeakInventory, "veths" | "bridgePorts" | "ifbs">;

/** Interfaces made for containers, those on the bridges of others left out. */
export function sortLinks(links: readonly Link[], foreignBridges: readonly string[]): Kinds {
  const own = links.filter((link) => link.master === undefined || !foreignBridges.includes(link.master));
  const bridges = new Set(links.filter((link) => link.kind === "bridge").map((link) => link.name));
  return {
    veths: own.filter((link) => link.kind === "veth").map((link) => link.name),
    bridgePorts: own.flatMap((link) => (link.master !== undefined && bridges.has(link.master) ? [`${link.master}: ${link.name}`] : [])),
    ifbs: own.filter((link) => link.kind === "ifb" && link.name.startsWith("bwp")).map((link) => link.name),
  };
}

export async function collectLinks(host: Pick<PrivateHost, "bridge">, scope: InventoryScope): Promise<Kinds> {
  const [links, hosts] = await Promise.all([listLinks(), scope === "host" ? listKnownHosts() : []]);
  return sortLinks(links, hosts.flatMap(({ owner }) => (owner === undefined || owner.bridge === host.bridge ? [] : [owner.bridge])));
}
