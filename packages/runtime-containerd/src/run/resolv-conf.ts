import type { Dns } from "@voiyd/runtime-api";

/** Name servers on the host's own loopback, which a container cannot reach. */
const LOCAL_SERVER = /^\s*nameserver\s+(?:127\.|::1\s*$)/;
const SERVER = /^\s*nameserver\s/;
/** Docker's, for where the host has none that a container could reach. */
const PUBLIC_SERVERS: readonly string[] = ["8.8.8.8", "8.8.4.4"];

/** Whether a `resolv.conf(5)` names a server that a container can reach too. */
export function hasReachableServer(text: string): boolean {
  return text.split("\n").some((line) => SERVER.test(line) && !LOCAL_SERVER.test(line));
}

/**
 * The host's file with what was asked for in the place of what it says. Docker's rules: `.` as the only search domain
 * stands for none; without any server, public ones are taken. A container in the host's network can reach the host's own servers.
 */
export function resolvConf(host: string, dns: Dns, options: { readonly keepsLocal: boolean }): string {
  const { servers = [], search = [], options: settings = [] } = dns;
  const kept = host.split("\n").filter((line) => {
    if (LOCAL_SERVER.test(line) && !options.keepsLocal) return false;
    if (SERVER.test(line)) return servers.length === 0;
    if (/^\s*(?:search|domain)\s/.test(line)) return search.length === 0;
    if (/^\s*options\s/.test(line)) return settings.length === 0;
    return line.trim() !== "";
  });
  const hasServer = options.keepsLocal || servers.length > 0 || kept.some((line) => SERVER.test(line));
  const named = hasServer ? servers : PUBLIC_SERVERS;
  const domains = search.filter((domain) => domain !== ".");
  const lines = [
    ...kept,
    ...named.map((server) => `nameserver ${server}`),
    ...(domains.length === 0 ? [] : [`search ${domains.join(" ")}`]),
    ...(settings.length === 0 ? [] : [`options ${settings.join(" ")}`]),
  ];
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
