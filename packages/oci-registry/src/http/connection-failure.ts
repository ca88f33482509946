import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { codeOf } from "./error-code.js";
import { showUrl } from "./show-url.js";

export type FailureReason = "dns" | "refused" | "unreachable" | "stalled" | "tls" | "protocol" | "proxy" | "broken";

const REASONS: ReadonlyMap<string, FailureReason> = new Map([
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "dns"],
  ["EAI_FAIL", "dns"],
  ["ECONNREFUSED", "refused"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["EADDRNOTAVAIL", "unreachable"],
  ["ETIMEDOUT", "stalled"],
  ["STALLED", "stalled"],
  ["EPROTO", "tls"],
  ["PROXY", "proxy"],
  ["ECONNRESET", "broken"],
  ["EPIPE", "broken"],
]);
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|UNABLE_TO_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;

/** Why no whole answer came, or `undefined` for an error that is none of the connection. */
export function failureReason(error: unknown): FailureReason | undefined {
  const code = codeOf(error);
  if (code === undefined || isRuntimeError(error)) return undefined;
  if (TLS_CODE.test(code)) return "tls";
  if (code.startsWith("HPE_")) return "protocol";
  return REASONS.get(code);
}

/** Whether the next attempt may fare better: not for a name that does not exist, nor for a certificate. */
export function mayPass(reason: FailureReason, error: unknown): boolean {
  return reason !== "tls" && reason !== "protocol" && reason !== "proxy" && codeOf(error) !== "ENOTFOUND";
}

/** The typed error for a connection that failed for good. */
export function connectionFailure(url: URL, error: unknown, attempts: number): RuntimeError {
  const reason = failureReason(error);
  const proxy = proxyOf(error);
  const tried =
    (proxy === undefined ? "" : `, through the proxy ${proxy}`) +
    (attempts > 1 ? ` (${String(attempts)} attempts)` : "");
  const options = {
    cause: error,
    details: { reason: reason ?? "unknown", host: url.host, attempts, ...(proxy !== undefined && { proxy }) },
  };
  switch (reason) {
    case "dns":
      return new RuntimeError("UNAVAILABLE", `${url.host}: the name could not be looked up${tried}`, {
        ...options,
        hint: "check the registry's name and this host's DNS",
      });
    case "refused":
      return new RuntimeError("UNAVAILABLE", `${url.host}: the connection was refused${tried}`, {
        ...options,
        hint: "check that the registry runs and listens on this port",
      });
    case "unreachable":
      return new RuntimeError("UNAVAILABLE", `${url.host} cannot be reached from this host${tried}`, options);
    case "broken":
      return new RuntimeError("UNAVAILABLE", `${showUrl(url)}: the connection broke${tried}`, options);
    case "stalled":
      return new RuntimeError("TIMEOUT", `${showUrl(url)}: the registry fell silent${tried}`, options);
    case "tls":
      return new RuntimeError(
        "REGISTRY_ERROR",
        `${url.host}: no secure connection could be made (${codeOf(error) ?? "TLS"})`,
        {
          ...options,
          hint: "give the registry's CA certificate; for a registry without TLS, list it as insecure",
        },
      );
    case "proxy":
      return new RuntimeError("REGISTRY_ERROR", `${url.host}: the proxy refused to connect${tried}`, {
        ...options,
        hint: "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and the proxy's credentials",
      });
    case "protocol":
      return new RuntimeError("REGISTRY_ERROR", `${url.host} does not speak HTTP`, options);
    case undefined:
      return new RuntimeError("REGISTRY_ERROR", `${showUrl(url)}: the request failed`, options);
  }
}

/** The proxy that a connection failed at. */
function proxyOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("proxy" in error)) return undefined;
  return typeof error.proxy === "string" ? error.proxy : undefined;
}
