import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import type { LoadedNetwork } from "../config/load-folder.js";
import { bridgesOf, isOwnNetwork } from "../config/own-network.js";
import { removal } from "../firewall/attachment-rules.js";
import type { FirewallPlan } from "../firewall/firewall.js";
import { leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import type { ManagerParts } from "../manager/parts.js";
import { errorCode } from "../plugin/error-code.js";

/** Where the firewall plugin keeps the rules that all containers of a bridge share (`same-bridge`). */
const SHARED_CHAIN = /^-A CNI-ISOLATION-STAGE-[12] -[io] (\S+) /;

/**
 * Removes a network that `createNetwork` has made, while the gate is closed. Its file goes last, so that what was cut
 * short can be done again.
 */
export async function removeNetwork(parts: ManagerParts, name: string, signal: AbortSignal): Promise<void> {
  if (parts.networks.isDefault(name)) throw notRemovable(name, "it is the default one");
  const lock = await parts.locks.acquire("networks", signal);
  try {
    const network = await parts.networks.find(name);
    if (!isOwnNetwork(network.list)) throw notRemovable(name, `it was not created here: ${network.file}`);
    await assertUnused(parts, network);
    await removeBridges(parts, network, signal);
    for (const dir of leaseDirs(network.list)) await removeLeaseDir(dir);
    await parts.primed.forget(network.list.name);
    await rm(network.file, { force: true });
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

function notRemovable(network: string, reason: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `network ${network} cannot be removed: ${reason}`, {
    hint: "Remove its file yourself if nothing needs it any more",
    details: { network },
  });
}

/** Its users are those that have a record, and those that have an address without one: other programs'. */
async function assertUnused({ records }: ManagerParts, { list }: LoadedNetwork): Promise<void> {
  const recorded = (await records.list()).records.filter(({ networkName }) => networkName === list.name);
  const leases = (await Promise.all(leaseDirs(list).map((dir) => readLeases(dir)))).flat();
  const users = [...new Set([...recorded, ...leases].map(({ containerId }) => containerId))];
  if (users.length === 0) return;
  throw new RuntimeError("FAILED_PRECONDITION", `network ${list.name} is in use by ${users.join(", ")}`, {
    hint: "Disconnect the containers first; gc() frees what nobody knows any more",
    details: { network: list.name, users },
  });
}

async function removeBridges(parts: ManagerParts, { list }: LoadedNetwork, signal: AbortSignal): Promise<void> {
  const others = (await parts.networks.list()).filter(({ name }) => name !== list.name).flatMap(bridgesOf);
  const bridges = bridgesOf(list).filter((bridge) => !others.includes(bridge));
  const present = await parts.links.names("bridge", signal);
  for (const bridge of bridges.filter((one) => present.includes(one))) {
    // What hangs on it that is not a container's is none of ours.
    if ((await parts.links.portsOf(bridge, signal)).length === 0) await parts.links.remove(bridge, signal);
  }
  const plan: FirewallPlan = (tables) =>
    removal(tables, [], (rule) => bridges.includes(SHARED_CHAIN.exec(rule)?.[1] ?? ""));
  for (const family of [4, 6] as const) await parts.firewall.change(family, plan, signal);
}

/** Nothing but what `host-local` keeps for itself is left in it. */
async function removeLeaseDir(dir: string): Promise<void> {
  try {
    const own = (await readdir(dir)).filter((name) => name === "lock" || name.startsWith("last_reserved_ip."));
    await Promise.all(own.map((name) => rm(join(dir, name), { force: true })));
    await rmdir(dir);
  } catch (error) {
    // Absent, or not empty: then somebody else has put something there.
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errorCode(error) ?? "")) throw error;
  }
}
