import { RuntimeError } from "@voiyd/runtime-api";
import { isLoopback } from "../registry/registry-host.js";

export interface RealmRules {
  readonly insecureRegistries: readonly string[];
  readonly trustedRealms: readonly string[];
}

export interface Realm {
  readonly url: URL;
  /** The user's credentials may be sent there. */
  readonly mayHaveCredentials: boolean;
}

/**
 * Judges the token service that a registry names. It must be HTTPS, or plain HTTP where the user already accepts that; and
 * it gets credentials only when it belongs to the registry's site or the user trusts it, since whoever can forge one
 * answer of a registry could otherwise collect them (CVE-2020-15157 is the same trick with layer URLs). Throws
 * `REGISTRY_ERROR`.
 */
export function judgeRealm(realm: string, registry: URL, rules: RealmRules): Realm {
  if (!URL.canParse(realm)) throw refused(registry, "is no URL");
  const url = new URL(realm);
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isPlainAccepted(url, registry, rules))) {
    throw refused(registry, `is not served over HTTPS (${url.protocol}//${url.host})`);
  }
  return { url, mayHaveCredentials: sameSite(url, registry) || rules.trustedRealms.includes(url.host) };
}

/** Whether the user has accepted connections to this host, by using the registry or by listing the host. */
export function isAccepted(url: URL, registry: URL, rules: Pick<RealmRules, "insecureRegistries">): boolean {
  return (
    url.hostname === registry.hostname ||
    (isLoopback(url.hostname) && isLoopback(registry.hostname)) ||
    rules.insecureRegistries.includes(url.host) ||
    rules.insecureRegistries.includes(url.hostname)
  );
}

function isPlainAccepted(url: URL, registry: URL, rules: RealmRules): boolean {
  return registry.protocol === "http:" && isAccepted(url, registry, rules);
}

/** The same host, or names under the same last two labels: `auth.docker.io` for `registry-1.docker.io`. */
function sameSite(url: URL, registry: URL): boolean {
  if (url.hostname === registry.hostname) return true;
  const [own, other] = [siteOf(registry.hostname), siteOf(url.hostname)];
  return own !== undefined && own === other;
}

function siteOf(hostname: string): string | undefined {
  if (hostname.startsWith("[") || /^[0-9.]+$/.test(hostname)) return undefined;
  const labels = hostname.split(".").slice(-2);
  return labels.length === 2 ? labels.join(".") : undefined;
}

function refused(registry: URL, problem: string): RuntimeError {
  return new RuntimeError("REGISTRY_ERROR", `${registry.host}: the token service that the registry names ${problem}`, {
    details: { reason: "realm", host: registry.host },
  });
}
