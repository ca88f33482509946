import type { PortProtocol } from "@voiyd/runtime-api";
import { isJsonObject, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../protocol/json.js";
import { arrayOf, type NftRuleset, type NftTable } from "./nft-ruleset.js";

/** What a packet has to be so that a rule is for it; what is left out does not matter to the rule. */
export interface PacketMatch {
  readonly protocols?: readonly PortProtocol[];
  /** Destination ports. */
  readonly ports?: readonly NumberRange[];
  /** Destination addresses. */
  readonly hosts?: readonly HostRange[];
  /** The comment of the element that it was looked up in. */
  readonly comment?: string;
}

/** From the first to the last one. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** An address, a subnet in CIDR notation, or the addresses from one to another. */
export type HostRange = string | readonly [first: string, last: string];

/** An element of a map: what is looked up, and what it leads to. */
export interface Lookup {
  readonly match: PacketMatch;
  readonly value: JsonValue | undefined;
}

/** Raised where the listing leaves out what would have to be known. */
export class ElementsMissing extends Error {}

type Field = "protocol" | "port" | "host" | PortProtocol;

const NUMBERED: Readonly<Record<string, PortProtocol>> = { "6": "tcp", "17": "udp", "132": "sctp" };
const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];

/** Both have to hold. What the inner one says of a part counts: it cannot allow more than the outer one. */
export function both(outer: PacketMatch, inner: PacketMatch): PacketMatch {
  return { ...outer, ...inner };
}

/** What the `match` expressions of a rule ask for: any one of these. Throws {@link ElementsMissing}. */
export function matchesOf(
  expressions: readonly JsonObject[],
  ruleset: NftRuleset,
  table: NftTable,
): readonly PacketMatch[] {
  return expressions.reduce<readonly PacketMatch[]>(
    (matches, expression) => {
      const match = objectAt(expression, "match");
      const op = stringAt(match ?? {}, "op") ?? "==";
      if (match === undefined || (op !== "==" && op !== "in")) return matches;
      const fields = fieldsOf(match["left"]);
      if (fields.every((field) => field === undefined)) return matches;
      const values = elementsOf(match["right"], ruleset, table);
      // Several values of one field are one match with all of them; only combinations have to be told apart.
      const wanted = fields.length === 1 ? [merged(values, fields)] : values.map((value) => matchOf(value, fields));
      return matches.flatMap((outer) => wanted.map((inner) => both(outer, inner)));
    },
    [{}],
  );
}

/** The elements of a map or a verdict map. Throws {@link ElementsMissing}. */
export function lookupsOf(map: JsonObject, ruleset: NftRuleset, table: NftTable): readonly Lookup[] {
  const fields = fieldsOf(map["key"]);
  return elementsOf(map["data"], ruleset, table).map((element) => {
    const [key, value] = arrayOf(element);
    return { match: matchOf(key, fields), value };
  });
}

/** Whether a map is looked up by ports. */
export function looksAtPorts(map: JsonObject): boolean {
  return fieldsOf(map["key"]).some((field) => field !== undefined && field !== "host" && field !== "protocol");
}

/** Which parts of a packet an expression is about; `undefined` for those that say nothing of published ports. */
function fieldsOf(expression: JsonValue | undefined): readonly (Field | undefined)[] {
  if (!isJsonObject(expression)) return [undefined];
  const parts = arrayOf(expression["concat"]);
  if (parts.length > 0) return parts.flatMap(fieldsOf);
  if (stringAt(objectAt(expression, "meta") ?? {}, "key") === "l4proto") return ["protocol"];
  const payload = objectAt(expression, "payload") ?? {};
  const [protocol, field] = [stringAt(payload, "protocol"), stringAt(payload, "field")];
  if (field === "dport") return [PROTOCOLS.find((known) => known === protocol) ?? "port"];
  if (protocol !== "ip" && protocol !== "ip6") return [undefined];
  if (field === "daddr") return ["host"];
  return [field === "protocol" || field === "nexthdr" ? "protocol" : undefined];
}

/** The values that stand on the right, whether they stand there or in a set of a name. */
function elementsOf(right: JsonValue | undefined, ruleset: NftRuleset, table: NftTable): readonly JsonValue[] {
  if (typeof right === "string" && right.startsWith("@")) {
    const elements = ruleset.elements(table, right.slice(1));
    if (elements === undefined) throw new ElementsMissing();
    return elements;
  }
  if (!isJsonObject(right)) return right === undefined ? [] : [right];
  if (right["set"] === undefined) return [right];
  const elements = arrayOf(right["set"]);
  // No rule can be made with an empty set: it has been left out.
  if (elements.length === 0) throw new ElementsMissing();
  return elements;
}

function merged(values: readonly JsonValue[], fields: readonly (Field | undefined)[]): PacketMatch {
  return values
    .map((value) => matchOf(value, fields))
    .reduce<PacketMatch>(
      (all, one) => ({
        ...all,
        ...one,
        ...(one.ports === undefined ? {} : { ports: [...(all.ports ?? []), ...one.ports] }),
        ...(one.hosts === undefined ? {} : { hosts: [...(all.hosts ?? []), ...one.hosts] }),
        ...(one.protocols === undefined
          ? {}
          : { protocols: [...new Set([...(all.protocols ?? []), ...one.protocols])] }),
      }),
      {},
    );
}

/** What one element asks for: one value, or as many as there are fields. */
function matchOf(element: JsonValue | undefined, fields: readonly (Field | undefined)[]): PacketMatch {
  const wrapped = isJsonObject(element) ? objectAt(element, "elem") : undefined;
  const value = wrapped?.["val"] ?? element;
  const parts = isJsonObject(value) && value["concat"] !== undefined ? arrayOf(value["concat"]) : [value];
  const comment = stringAt(wrapped ?? {}, "comment");
  return fields.reduce<PacketMatch>(
    (match, field, index) => both(match, fieldMatch(field, parts[index])),
    comment === undefined ? {} : { comment },
  );
}

function fieldMatch(field: Field | undefined, value: JsonValue | undefined): PacketMatch {
  if (field === undefined || value === undefined) return {};
  if (field === "host") return { hosts: hostRanges(value) };
  if (field !== "protocol") {
    return { ports: numberRanges(value), ...(field === "port" ? {} : { protocols: [field] }) };
  }
  const name = typeof value === "number" ? NUMBERED[String(value)] : value;
  // A protocol without ports: nothing that is published is meant.
  return { protocols: PROTOCOLS.filter((known) => known === name) };
}

function numberRanges(value: JsonValue): readonly NumberRange[] {
  const [first, last] = isJsonObject(value) ? arrayOf(value["range"]) : [value, value];
  return typeof first === "number" && typeof last === "number" ? [{ first, last }] : [];
}

function hostRanges(value: JsonValue): readonly HostRange[] {
  if (typeof value === "string") return [value];
  if (!isJsonObject(value)) return [];
  const prefix = objectAt(value, "prefix");
  if (prefix !== undefined) return [`${stringAt(prefix, "addr") ?? ""}/${String(numberAt(prefix, "len") ?? "")}`];
  const [first, last] = arrayOf(value["range"]);
  return typeof first === "string" && typeof last === "string" ? [[first, last]] : [];
}
