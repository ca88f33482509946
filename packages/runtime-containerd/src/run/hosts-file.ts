import type { ExtraHost } from "@voiyd/runtime-api";

export interface HostsFileInput {
  /** A name that no address of the container's own stands for: the host's, where the container shares it. */
  readonly hostname?: string | undefined;
  readonly extraHosts: readonly ExtraHost[];
  /** What `host-gateway` stands for; lines with it are left out where it is the network manager that knows. */
  readonly gateway?: string | undefined;
}

const LOCAL: readonly string[] = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** The text of a container's `hosts(5)`, its addresses apart. Names and addresses were checked: each line stays one. */
export function hostsFile({ hostname, extraHosts, gateway }: HostsFileInput): string {
  const extra = extraHosts.flatMap(({ name, address }) => {
    const known = address === "host-gateway" ? gateway : address;
    return known === undefined ? [] : [`${known}\t${name}`];
  });
  const own = hostname === undefined ? [] : [`127.0.1.1\t${hostname}`];
  return [...LOCAL, ...own, ...extra, ""].join("\n");
}
