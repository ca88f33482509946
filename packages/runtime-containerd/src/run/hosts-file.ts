import type { ExtraHost } from "@voiyd/runtime-api";

export interface HostsFileInput {
  /** The names by which the container knows itself. */
  readonly names: readonly string[];
  /** The container's own addresses. */
  readonly addresses: readonly string[];
  readonly extraHosts: readonly ExtraHost[];
  /** What `host-gateway` stands for; lines with it are left out while it is not known. */
  readonly gateway?: string | undefined;
}

const LOCAL: readonly string[] = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** The text of a container's `hosts(5)`. Names and addresses were checked: each line stays one. */
export function hostsFile({ names, addresses, extraHosts, gateway }: HostsFileInput): string {
  const extra = extraHosts.flatMap(({ name, address }) => {
    const known = address === "host-gateway" ? gateway : address;
    return known === undefined ? [] : [`${known}\t${name}`];
  });
  return [...LOCAL, ...extra, ...addresses.map((address) => `${address}\t${names.join(" ")}`), ""].join("\n");
}
