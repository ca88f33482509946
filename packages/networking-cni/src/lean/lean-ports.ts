import { writeFile } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import type { PublishedPort } from "../ports/port-conflict.js";
import type { LeanNetwork } from "./lean-network.js";
import type { Nft } from "./nft.js";
import {
  addLine,
  collide,
  deleteLine,
  elementComment,
  elementsFor,
  parseElements,
  type PortElement,
} from "./port-elements.js";

/** Whose ports. */
export interface PortOwner {
  readonly containerId: string;
  /** The container's addresses, without prefix lengths. */
  readonly addresses: readonly string[];
  readonly ports: readonly PublishedPort[];
}

/** Another program may change a map between reading and removing; then it is read again. */
const ATTEMPTS = 3;

/** The published ports of networks in lean mode: elements of nft maps. */
export class LeanPorts {
  readonly #nft: Nft;

  constructor(nft: Nft) {
    this.#nft = nft;
  }

  /** Publishes all ports or none. Again is harmless. Throws `PORT_IN_USE` with the owner's name. */
  async publish({ table, bridge }: LeanNetwork, owner: PortOwner, signal: AbortSignal): Promise<void> {
    const elements = elementsFor(owner.containerId, owner.addresses, owner.ports);
    if (elements.length === 0) return;
    await allowLocalhost(bridge);
    const script = [listLine(table), ...elements.map((element) => addLine(table, element))];
    const outcome = await this.#nft.script(script, signal);
    const before = outcome.ok ? parseElements(outcome.stdout) : await this.list(table, signal);
    const conflict = conflictOf(elements, before);
    if (conflict === undefined && outcome.ok) return;
    // The kernel refuses one address where all are taken, but not the other way round: that was told by the listing.
    if (outcome.ok) await this.remove(table, owner, signal);
    if (conflict !== undefined) throw inUse(conflict.wanted, conflict.taken);
    throw new RuntimeError(
      "NETWORK_SETUP_FAILED",
      `container ${owner.containerId}: its ports cannot be published: ${outcome.problem}`,
      { details: { containerId: owner.containerId, table } },
    );
  }

  /** Takes back what `publish` did, knowing that it succeeded; where that is not so any more, looks. */
  async unpublish(table: string, owner: PortOwner, signal: AbortSignal): Promise<readonly string[]> {
    const elements = elementsFor(owner.containerId, owner.addresses, owner.ports);
    if (elements.length === 0) return [];
    const script = elements.map((element) => deleteLine(table, element));
    if ((await this.#nft.script(script, signal)).ok) return [];
    return this.remove(table, owner, signal);
  }

  /** Looks for whatever is the container's, and removes it; resolves with what it removed, one line each. */
  async remove(table: string, owner: Pick<PortOwner, "containerId">, signal: AbortSignal): Promise<readonly string[]> {
    const comment = elementComment(owner.containerId);
    return this.removeWhere(table, (element) => element.comment === comment, signal);
  }

  /** Removes the elements that the predicate picks. Throws `NETWORK_TEARDOWN_FAILED`. */
  async removeWhere(
    table: string,
    picks: (element: PortElement) => boolean,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    for (let attempt = 1; ; attempt += 1) {
      const lines = (await this.list(table, signal)).filter(picks).map((element) => deleteLine(table, element));
      if (lines.length === 0) return [];
      const { ok, problem } = await this.#nft.script(lines, signal);
      if (ok) return lines;
      if (attempt === ATTEMPTS) {
        throw new RuntimeError("NETWORK_TEARDOWN_FAILED", `table ${table}: ${problem}`, { details: { table } });
      }
    }
  }

  /** The elements of a table; none where there is no such table, or no nft. Throws `NETWORK_TEARDOWN_FAILED`. */
  async list(table: string, signal: AbortSignal): Promise<readonly PortElement[]> {
    const outcome = await this.#nft.script([listLine(table)], signal);
    if (outcome.ok) return parseElements(outcome.stdout);
    if (!outcome.installed || outcome.problem.includes("No such file or directory")) return [];
    throw new RuntimeError("NETWORK_TEARDOWN_FAILED", `table ${table}: ${outcome.problem}`, { details: { table } });
  }

  /** The ports that are to be published and are not. */
  async missing(table: string, owner: PortOwner, signal: AbortSignal): Promise<readonly PortElement[]> {
    const wanted = elementsFor(owner.containerId, owner.addresses, owner.ports);
    if (wanted.length === 0) return [];
    const present = new Set((await this.list(table, signal)).map((element) => addLine(table, element)));
    return wanted.filter((element) => !present.has(addLine(table, element)));
  }
}

/** The whole table: nft 1.0.6 sees only the last one of several maps that are listed in one script. */
function listLine(table: string): string {
  return `list table inet ${table}`;
}

function conflictOf(
  elements: readonly PortElement[],
  present: readonly PortElement[],
): { readonly wanted: PortElement; readonly taken: PortElement } | undefined {
  for (const wanted of elements) {
    const taken = present.find((other) => other.comment !== wanted.comment && collide(other, wanted));
    if (taken !== undefined) return { wanted, taken };
  }
  return undefined;
}

function inUse(wanted: PortElement, taken: PortElement): RuntimeError {
  const hostIp = wanted.host.replace(/\/0$/, "");
  const owner = taken.comment === "" ? "an nft rule" : `container ${taken.comment}`;
  return new RuntimeError(
    "PORT_IN_USE",
    `port ${hostIp}:${String(wanted.hostPort)}/${wanted.protocol} is in use by ${owner}`,
    {
      hint: "Publish another host port, or 0 for a free one",
      details: { port: wanted.hostPort, protocol: wanted.protocol, hostIp, owner },
    },
  );
}

/** Without it the kernel drops what comes from 127.0.0.1 and is sent on to the bridge (ip-sysctl, `route_localnet`). */
async function allowLocalhost(bridge: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, "1");
}
