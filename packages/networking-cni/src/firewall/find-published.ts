import { networkInterfaces } from "node:os";
import type { Logger } from "@voiyd/logger";
import type { Nft } from "../lean/nft.js";
import { canonicalAddress } from "../ports/listeners.js";
import { overlap } from "../ports/port-conflict.js";
import type { OwnedPort } from "../ports/reserve-ports.js";
import type { RequestedPort } from "../ports/validate-ports.js";
import type { Family, Firewall } from "./firewall.js";
import { publishedByNft, type NftPublished } from "./nft-published.js";
import { parseNftRuleset } from "./nft-ruleset.js";
import { publishedByRules } from "./published-rules.js";

/** What is looked for. */
export interface PublishedLook {
  readonly wanted: readonly RequestedPort[];
  /** Tables of nft, of the family `inet`, that the caller answers for himself. */
  readonly ownTables: () => Promise<readonly string[]>;
}

/** Finds the ports that rules of the host's firewall send elsewhere, whoever made them. The seam for tests. */
export type FindPublished = (look: PublishedLook, signal: AbortSignal) => Promise<readonly OwnedPort[]>;

/** What finding needs. */
export interface FindPublishedParts {
  readonly nft: Nft;
  readonly firewall: Pick<Firewall, "read">;
  readonly legacyNat: () => Promise<readonly Family[]>;
  readonly addresses?: () => readonly string[];
  readonly logger: Logger;
}

const FAMILIES: readonly Family[] = [4, 6];

/**
 * One run of nft tells what is published by nftables, and most of what iptables publishes since it is made of nftables.
 * iptables is asked only where it could matter what nft cannot tell: which ports, or whose they are.
 */
export function findPublished({
  nft,
  firewall,
  legacyNat,
  addresses = hostAddresses,
  logger,
}: FindPublishedParts): FindPublished {
  /** Contents of named sets can be long, so they are left out until a host needs them. */
  let terse = true;
  const listing = async (
    { wanted, ownTables }: PublishedLook,
    signal: AbortSignal,
  ): Promise<NftPublished | undefined> => {
    const { ok, installed, problem, stdout } = await nft.ruleset(terse, signal);
    const ruleset = ok ? parseNftRuleset(stdout, terse) : undefined;
    if (ruleset === undefined) {
      if (installed) logger.warn("rules of nftables cannot be read", { problem: problem || "no listing" });
      return undefined;
    }
    const known = [...addresses(), ...wanted.map(({ hostIp }) => canonicalAddress(hostIp))];
    return publishedByNft(ruleset, { ownTables: await ownTables(), addresses: known });
  };
  return async (look, signal) => {
    const [short, legacy] = await Promise.all([listing(look, signal), legacyNat()]);
    let found = short;
    if (terse && short?.incomplete === true) {
      terse = false;
      found = await listing(look, signal);
    }
    const ask = FAMILIES.filter(
      (family) => found === undefined || legacy.includes(family) || isOpen(found, family, look),
    );
    const saved = await Promise.all(
      ask.map(async (family) => publishedByRules(await firewall.read(family, signal, "nat"))),
    );
    const told = found?.iptables.filter(({ family }) => !ask.includes(family)) ?? [];
    return [...(found?.native ?? []), ...told, ...saved.flat()];
  };
}

/** Whether rules of iptables may be in the way, and only iptables knows. */
function isOpen({ unread, iptables }: NftPublished, family: Family, { wanted }: PublishedLook): boolean {
  return (
    unread.has(family) || iptables.some((one) => one.family === family && wanted.some((port) => mayMeet(port, one)))
  );
}

function mayMeet(wanted: RequestedPort, { port }: OwnedPort): boolean {
  const { hostPort, hostPortEnd = hostPort } = wanted;
  if (port.hostPort < hostPort || port.hostPort > hostPortEnd) return false;
  return overlap({ ...wanted, hostPort: port.hostPort }, port);
}

function hostAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => canonicalAddress(address)),
  );
}
