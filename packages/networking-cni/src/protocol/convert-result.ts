import { isIPv6 } from "node:net";
import type { JsonObject } from "./json.js";
import { readResult, resultVersion, type CniResult, type ResultAddress, type ResultRoute } from "./result.js";
import { CNI_VERSIONS, isAtLeast } from "./versions.js";

/**
 * `result` as version `to` writes it; what `to` has no word for is dropped, as in libcni. The same version, and 1.0.0
 * and 1.1.0 among each other, keep the text as it is. Throws `SyntaxError` for an unknown version, and for a result
 * without an address that is to become one of before 0.3.0.
 */
export function convertResult(result: JsonObject, to: string, configVersion: string = to): JsonObject {
  const from = resultVersion(result, configVersion);
  for (const version of [from, to]) {
    if (!CNI_VERSIONS.includes(version)) throw new SyntaxError(`unknown result version ${JSON.stringify(version)}`);
  }
  if (from === to || generation(from) === generation(to)) return { ...result, cniVersion: to };
  return renderResult(readResult(result, from), to);
}

/** `result` as version `version` writes it. */
export function renderResult(result: CniResult, version: string): JsonObject {
  const rendered =
    generation(version) === "ancient" ? renderAncient(result) : renderModern(result, generation(version) === "1.x");
  return { cniVersion: version, ...rendered, ...(Object.keys(result.dns).length === 0 ? {} : { dns: result.dns }) };
}

function generation(version: string): "ancient" | "0.x" | "1.x" {
  if (isAtLeast(version, "1.0.0")) return "1.x";
  return isAtLeast(version, "0.3.0") ? "0.x" : "ancient";
}

function renderModern(result: CniResult, newest: boolean): JsonObject {
  return {
    ...(result.interfaces.length === 0
      ? {}
      : {
          interfaces: result.interfaces.map(({ name, mac, sandbox, mtu, socketPath, pciID }) => ({
            name,
            ...(mac === undefined ? {} : { mac }),
            ...(sandbox === undefined ? {} : { sandbox }),
            ...(newest && mtu !== undefined ? { mtu } : {}),
            ...(newest && socketPath !== undefined ? { socketPath } : {}),
            ...(newest && pciID !== undefined ? { pciID } : {}),
          })),
        }),
    ...(result.ips.length === 0
      ? {}
      : { ips: result.ips.map((ip) => ({ ...(newest ? {} : { version: familyOf(ip.address) }), ...ip })) }),
    ...(result.routes.length === 0
      ? {}
      : {
          routes: result.routes.map(({ dst, gw, more }) => ({
            dst,
            ...(gw === undefined ? {} : { gw }),
            ...(newest ? more : {}),
          })),
        }),
  };
}

function renderAncient(result: CniResult): JsonObject {
  const ip4 = renderFamily(result, "4");
  const ip6 = renderFamily(result, "6");
  if (ip4 === undefined && ip6 === undefined)
    throw new SyntaxError("the result has no address for a version before 0.3.0");
  return { ...(ip4 === undefined ? {} : { ip4 }), ...(ip6 === undefined ? {} : { ip6 }) };
}

function renderFamily(result: CniResult, family: "4" | "6"): JsonObject | undefined {
  const first: ResultAddress | undefined = result.ips.find((ip) => familyOf(ip.address) === family);
  if (first === undefined) return undefined;
  const routes: readonly ResultRoute[] = result.routes.filter((route) => familyOf(route.dst) === family);
  return {
    ip: first.address,
    ...(first.gateway === undefined ? {} : { gateway: first.gateway }),
    ...(routes.length === 0
      ? {}
      : { routes: routes.map(({ dst, gw }) => ({ dst, ...(gw === undefined ? {} : { gw }) })) }),
  };
}

/** The family of an address in CIDR notation or without a prefix length. */
export function familyOf(address: string): "4" | "6" {
  return isIPv6(address.split("/")[0] ?? "") ? "6" : "4";
}
