import { RuntimeError } from "@voiyd/runtime-api";
import { showUrl } from "./show-url.js";
import type { HttpRequest, HttpResponse, Transport } from "./transport.js";

const MOST_HOPS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface RedirectRules {
  /** Whether plain HTTP to this URL is fine for the user, and an address inside of the host as well. */
  readonly trusts: (url: URL) => boolean;
}

/**
 * Sends a request and follows redirects, at most 5. A hop to another scheme, host or port loses everything that was meant
 * for the first one: every header but the harmless ones, and the TLS options; they do not come back on a later hop.
 * Throws `REGISTRY_ERROR` for a loop, for a way back from HTTPS to HTTP, and for an address inside of this host.
 */
export async function sendFollowing(
  transport: Transport,
  first: HttpRequest,
  rules: RedirectRules,
): Promise<HttpResponse> {
  let request = first;
  for (let hops = 0; ; hops += 1) {
    const response = await transport.send(request);
    const { location } = response.headers;
    if (!REDIRECTS.includes(response.status) || location === undefined) return response;
    await response.discard();
    if (hops === MOST_HOPS) throw refused(first.url, `redirected more than ${String(MOST_HOPS)} times`);
    request = nextRequest(request, location, first.url, rules);
  }
}

const HARMLESS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "content-range",
  "content-type",
  "range",
  "user-agent",
]);

function nextRequest(request: HttpRequest, location: string, origin: URL, rules: RedirectRules): HttpRequest {
  const url = target(location, request.url, origin);
  if (url.protocol === "http:" && request.url.protocol === "https:") {
    throw refused(origin, `redirected from HTTPS to plain HTTP, to ${showUrl(url)}`);
  }
  if (url.origin === request.url.origin) return { ...request, url };
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => HARMLESS.has(name.toLowerCase())),
  );
  const { method, body, memory, signal } = request;
  // A blob that is being uploaded goes where the registry keeps it; small bodies carry secrets (token requests) and stay.
  const kept = body !== undefined && "open" in body ? { body } : {};
  return { method, url, headers, ...kept, guarded: !rules.trusts(url), memory, signal };
}

function target(location: string, base: URL, origin: URL): URL {
  if (!URL.canParse(location, base.href)) throw refused(origin, "redirected to something that is no URL");
  const url = new URL(location, base);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw refused(origin, `redirected to ${JSON.stringify(url.protocol)}`);
  url.username = "";
  url.password = "";
  return url;
}

function refused(origin: URL, problem: string): RuntimeError {
  return new RuntimeError("REGISTRY_ERROR", `${showUrl(origin)}: ${problem}`, {
    details: { reason: "redirect", host: origin.host },
  });
}
