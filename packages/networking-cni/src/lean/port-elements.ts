import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { canonicalAddress } from "../ports/listeners.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import {
  isJsonObject,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  tryParseJson,
  type JsonValue,
} from "../protocol/json.js";
import { portMap } from "./rule-set.js";

/** An element of a map of published ports. */
export interface PortElement {
  readonly family: 4 | 6;
  readonly protocol: string;
  /** The host address, or with `/0` all of its family. */
  readonly host: string;
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
  /** Whose it is, as its comment says; empty without one. */
  readonly comment: string;
}

/** nft takes comments of 128 bytes; an id can be longer. */
const COMMENT_MAX = 100;

/** The comment that the elements of a container carry. */
export function elementComment(containerId: string): string {
  return containerId.length <= COMMENT_MAX ? containerId : createHash("sha256").update(containerId).digest("hex");
}

/**
 * The elements that publish ports of a container with these addresses. A port without a host address is published in
 * each family that the container has, as portmap does it.
 */
export function elementsFor(
  containerId: string,
  addresses: readonly string[],
  ports: readonly PublishedPort[],
): readonly PortElement[] {
  const comment = elementComment(containerId);
  return ports.flatMap(({ protocol, hostPort, hostIp, containerPort }) => {
    const wanted = canonicalAddress(hostIp);
    return ([4, 6] as const).flatMap((family) => {
      const address = addresses.find((one) => isIPv6(one) === (family === 6));
      const everywhere = wanted === "0.0.0.0" || (family === 6 && wanted === "::");
      if (address === undefined || (!everywhere && isIPv6(wanted) !== (family === 6))) return [];
      if (wanted === "::" && family === 4) return [];
      const host = everywhere ? (family === 4 ? "0.0.0.0/0" : "::/0") : wanted;
      return [{ family, protocol, host, hostPort, address, port: containerPort, comment }];
    });
  });
}

/** A line for nft. */
export function addLine(table: string, element: PortElement): string {
  const { family, address, port, comment } = element;
  return `add element inet ${table} ${portMap(family)} { ${keyOf(element)} comment "${comment}" : ${address} . ${String(port)} }`;
}

/** A line for nft. */
export function deleteLine(table: string, element: PortElement): string {
  return `delete element inet ${table} ${portMap(element.family)} { ${keyOf(element)} }`;
}

function keyOf({ protocol, host, hostPort }: PortElement): string {
  return `${protocol} . ${host} . ${String(hostPort)}`;
}

/** Whether what comes to one may come to the other. */
export function collide(a: PortElement, b: PortElement): boolean {
  const [x, y] = [a.host, b.host];
  const meet = x === y || x.endsWith("/0") || y.endsWith("/0");
  return a.family === b.family && a.protocol === b.protocol && a.hostPort === b.hostPort && meet;
}

/** The elements in what `nft -j list table` prints, one object of JSON a line. Elements of another shape are left out. */
export function parseElements(text: string): readonly PortElement[] {
  return text.split("\n").flatMap((line) => {
    const object = tryParseJson(line);
    const entries = isJsonObject(object) ? objectsAt(object, "nftables") : [];
    return entries.flatMap((entry) => {
      const map = objectAt(entry, "map");
      const family = ([4, 6] as const).find((one) => map?.["name"] === portMap(one));
      const pairs = map?.["elem"];
      if (family === undefined || !Array.isArray(pairs)) return [];
      const elements: readonly JsonValue[] = pairs;
      return elements.flatMap((pair) => parsePair(pair, family));
    });
  });
}

function parsePair(pair: JsonValue, family: 4 | 6): readonly PortElement[] {
  if (!Array.isArray(pair)) return [];
  const items: readonly JsonValue[] = pair;
  const [left, right] = items;
  const element = isJsonObject(left) ? objectAt(left, "elem") : undefined;
  const [protocol, host, hostPort] = concatOf(element?.["val"] ?? left);
  const [address, port] = concatOf(right);
  if (typeof protocol !== "string" || typeof hostPort !== "number") return [];
  if (typeof address !== "string" || typeof port !== "number") return [];
  const comment = stringAt(element ?? {}, "comment") ?? "";
  return [{ family, protocol, host: hostOf(host), hostPort, address, port, comment }];
}

function concatOf(value: JsonValue | undefined): readonly JsonValue[] {
  const concat = isJsonObject(value) ? value["concat"] : undefined;
  const items: readonly JsonValue[] = Array.isArray(concat) ? concat : [];
  return items;
}

function hostOf(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  const prefix = isJsonObject(value) ? objectAt(value, "prefix") : undefined;
  return `${stringAt(prefix ?? {}, "addr") ?? ""}/${String(numberAt(prefix ?? {}, "len") ?? "")}`;
}
