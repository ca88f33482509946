import { BlockList, isIP } from "node:net";
import { invalid } from "@voiyd/runtime-api";

/** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by the environment, as Go's programs (containerd, Docker, Podman) read it: the upper-case names come
 * before the lower-case ones, loopback is never proxied, and `NO_PROXY` lists hosts with their subdomains (`.example.com`:
 * the subdomains alone), `host:port`, addresses, networks (`10.0.0.0/8`) or `*`. `undefined` for a direct connection.
 *
 * Throws `INVALID_ARGUMENT` for a proxy that is neither `http://` nor `https://`; its credentials are not shown.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): URL | undefined {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  // In a CGI program HTTP_PROXY is a request header (CVE-2016-5386).
  if (variable === "HTTP_PROXY" && isSet(environment["REQUEST_METHOD"])) return undefined;
  const value = read(environment, variable);
  if (value === undefined || isExempt(url, read(environment, "NO_PROXY") ?? "")) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  throw invalid(variable, proxy?.protocol ?? "something else", "the URL of an HTTP proxy");
}

/** The value of a proxy's `Proxy-Authorization`, from the user name and password in its URL. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "" && proxy.password === "") return undefined;
  const words = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(words, "utf8").toString("base64")}`;
}

function read(environment: ProxyEnvironment, name: string): string | undefined {
  const [upper, lower] = [environment[name], environment[name.toLowerCase()]];
  return isSet(upper) ? upper : isSet(lower) ? lower : undefined;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function isExempt(url: URL, rules: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  if (host === "localhost" || isLoopbackAddress(host)) return true;
  return rules
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== "" && matches(rule, host, port));
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === "*") return true;
  const network = /^([0-9a-f.:]+)\/([0-9]{1,3})$/.exec(rule);
  if (network?.[1] !== undefined) return inNetwork(network[1], Number(network[2]), host);
  const bare = rule.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0) return bare === host;
  const withPort = /^(.*?):([0-9]{1,5})$/.exec(rule);
  const name = (withPort?.[1] ?? rule).replace(/^\[|\]$/g, "").replace(/^\*\./, ".");
  if (withPort?.[2] !== undefined && withPort[2] !== port) return false;
  return name.startsWith(".") ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inNetwork(address: string, prefix: number, host: string): boolean {
  const version = isIP(address);
  if (version === 0 || isIP(host) !== version || prefix > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(host, family);
}

function isLoopbackAddress(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
