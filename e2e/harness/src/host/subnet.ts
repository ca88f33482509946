import { randomInt } from "node:crypto";
import { type Execute, execute } from "../process/execute.js";

/** An IPv4 network as numbers. */
export interface Network {
  readonly base: number;
  readonly prefix: number;
}

/** An IPv4 address as a number; undefined when it is none. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/u.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `10.1.0.0/16`, or an address alone for the network of that address; undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address, prefixText = "32", ...rest] = text.split("/");
  const number = address === undefined ? undefined : parseAddress(address);
  const prefix = /^\d{1,2}$/u.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (number === undefined || !(prefix <= 32) || rest.length > 0) return undefined;
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(number / size) * size, prefix };
}

export function overlaps(a: Network, b: Network): boolean {
  return a.base < b.base + 2 ** (32 - b.prefix) && b.base < a.base + 2 ** (32 - a.prefix);
}

/** The range of the harness: 512 networks of 4094 addresses. */
const HARNESS_RANGE = "10.96.0.0/11";
const PREFIX = 20;

/** Whether an address or network lies in the range that private hosts take their subnets from. */
export function isHarnessNetwork(text: string): boolean {
  const [network, range] = [parseNetwork(text), parseNetwork(HARNESS_RANGE)];
  return network !== undefined && range !== undefined && network.prefix >= range.prefix && overlaps(network, range);
}

/** A subnet that no route of this machine and none of the given subnets touches. */
export async function chooseSubnet(taken: readonly string[], run: Execute = execute): Promise<string> {
  const routes: unknown = JSON.parse(
    (await run("ip", ["-json", "-4", "route", "show", "table", "all"])).stdout || "[]",
  );
  const routed = (Array.isArray(routes) ? routes : []).flatMap((route: unknown) =>
    typeof route === "object" && route !== null && "dst" in route && typeof route.dst === "string" ? [route.dst] : [],
  );
  const busy = [...routed, ...taken].flatMap((text) => parseNetwork(text) ?? []);
  const range = parseNetwork(HARNESS_RANGE);
  if (range === undefined) throw new Error(`${HARNESS_RANGE} is not a network`);
  const count = 2 ** (PREFIX - range.prefix);
  const start = randomInt(count);
  for (let step = 0; step < count; step += 1) {
    const base = range.base + ((start + step) % count) * 2 ** (32 - PREFIX);
    if (busy.some((other) => other.prefix > 0 && overlaps({ base, prefix: PREFIX }, other))) continue;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${PREFIX}`;
  }
  throw new Error(`every network of ${HARNESS_RANGE} is in use on this machine`);
}
