import { isIPv6 } from "node:net";

/** What a container's resolver is told (resolv.conf(5)); what is absent or empty is the host's. */
export interface DnsSettings {
  readonly nameservers?: readonly string[];
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What is known of the container. */
export interface ResolverFacts {
  /** Whether it has IPv6: name servers of a family that it lacks are left out. Default `true`. */
  readonly ipv6?: boolean;
}

/** Where a host without a name server that others can reach gets one, as with Docker: a public resolver. */
const PUBLIC = ["8.8.8.8", "8.8.4.4"];
const PUBLIC_IPV6 = ["2001:4860:4860::8888", "2001:4860:4860::8844"];
/** Where systemd-resolved is the resolver, it listens on these, and the servers behind it stand in another file. */
const STUBS: readonly string[] = ["127.0.0.53", "127.0.0.54"];

/**
 * A container's `resolv.conf`: what is set, and for the rest what the host has, without the name servers that only the
 * host can reach (loopback, link-local with a zone). Without any left, public ones. A search of `.` alone is none.
 */
export function renderResolvConf(dns: DnsSettings, hostResolv: string, { ipv6 = true }: ResolverFacts = {}): string {
  const host = parseResolvConf(hostResolv);
  const nameservers = filled(dns.nameservers) ?? reachable(host.nameservers, ipv6);
  const search = (filled(dns.search) ?? host.search).filter((domain) => domain !== ".");
  const options = filled(dns.options) ?? host.options;
  const servers = nameservers.length > 0 ? nameservers : [...PUBLIC, ...(ipv6 ? PUBLIC_IPV6 : [])];
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...(options.length === 0 ? [] : [`options ${options.join(" ")}`]),
    "",
  ].join("\n");
}

/**
 * The host's `resolv.conf` that containers are to follow: where systemd-resolved is the only name server, the file with
 * the servers behind it. `read` answers an empty text for a file that is not there.
 */
export async function hostResolvConf(read: (path: string) => Promise<string>): Promise<string> {
  const text = await read("/etc/resolv.conf");
  const { nameservers } = parseResolvConf(text);
  if (nameservers.length === 0 || !nameservers.every((server) => STUBS.includes(server))) return text;
  const uplink = await read("/run/systemd/resolve/resolv.conf");
  return uplink === "" ? text : uplink;
}

/** Reads a `resolv.conf`: of several `search` lines the last one counts, `domain` is a search of one. */
export function parseResolvConf(text: string): Required<DnsSettings> {
  const lines = text.split("\n").map((line) =>
    line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/),
  );
  const values = (...keys: readonly string[]): readonly (readonly string[])[] =>
    lines.filter(([key = ""]) => keys.includes(key)).map(([, ...rest]) => rest);
  return {
    nameservers: values("nameserver").flatMap(([server]) => server ?? []),
    search: values("search", "domain").at(-1) ?? [],
    options: values("options").flat(),
  };
}

function reachable(servers: readonly string[], ipv6: boolean): readonly string[] {
  return servers.filter((server) => {
    if (server.includes("%")) return false;
    if (isIPv6(server)) return ipv6 && server !== "::1";
    return !server.startsWith("127.");
  });
}

function filled(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values;
}
