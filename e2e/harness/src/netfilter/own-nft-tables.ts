import { isHarnessNetwork, type Network, overlaps, parseNetwork } from "../host/subnet.js";
import { type Execute, execute } from "../process/execute.js";
import type { HostNetwork } from "./own-rules.js";

/** Tables of a network manager of ours. */
const TABLE_NAME = /^voiyd/iu;

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The objects in nft's JSON (libnftables-json(5)): each is a list entry with one key that names its kind. */
function objectsIn(json: string): { kind: string; fields: Fields }[] {
  const list = fieldsOf(json.trim() === "" ? {} : JSON.parse(json))["nftables"];
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) =>
    Object.entries(fieldsOf(entry)).map(([kind, value]) => ({ kind, fields: fieldsOf(value) })),
  );
}

function addressesIn(text: string): string[] {
  return text.match(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/gu) ?? [];
}

function isForeign(text: string, subnet: Network | undefined): boolean {
  const addresses = addressesIn(text);
  const own = addresses.some((address) => {
    const network = parseNetwork(address);
    return network !== undefined && subnet !== undefined && overlaps(network, subnet);
  });
  return !own && addresses.some(isHarnessNetwork);
}

/**
 * What one of our tables holds for containers: the elements of its sets and maps, and its rules that carry a comment or
 * a single address. The table itself and its static rules are set up once, and stay.
 */
export function elementsOf(json: string, host: HostNetwork, all: boolean): string[] {
  const subnet = parseNetwork(host.subnet);
  const found = objectsIn(json).flatMap(({ kind, fields }) => {
    const { family, table, name, chain, elem, expr, comment } = fields;
    const place = ["nft", family, table, kind === "rule" ? chain : name]
      .filter((word) => typeof word === "string")
      .join(" ");
    if (kind === "set" || kind === "map") {
      return (Array.isArray(elem) ? elem : []).map((one: unknown) => `${place}: ${JSON.stringify(one)}`);
    }
    if (kind !== "rule") return [];
    const text = JSON.stringify(expr);
    const networks = text.match(/"prefix"/gu)?.length ?? 0;
    if (typeof comment === "string") return [`${place}: ${text} # ${comment}`];
    return addressesIn(text).length > networks ? [`${place}: ${text}`] : [];
  });
  return all ? found : found.filter((text) => !isForeign(text, subnet));
}

/** The elements for containers in our nft tables of this network namespace; of all hosts, or without those of others. */
export async function readOwnNftTables(host: HostNetwork, all: boolean, run: Execute = execute): Promise<string[]> {
  const tables = objectsIn((await run("nft", ["-j", "list", "tables"])).stdout).filter(({ kind }) => kind === "table");
  const own = tables.flatMap(({ fields: { family, name } }) =>
    typeof family === "string" && typeof name === "string" && TABLE_NAME.test(name) ? [{ family, name }] : [],
  );
  const contents = await Promise.all(
    own.map(({ family, name }) => run("nft", ["-j", "list", "table", family, name], { accept: [1] })),
  );
  return contents.flatMap(({ stdout }) => elementsOf(stdout, host, all));
}
