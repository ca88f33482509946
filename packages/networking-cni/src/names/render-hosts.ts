/** Addresses, and what they are called. */
export interface HostEntry {
  /** Without prefix lengths. */
  readonly addresses: readonly string[];
  /** The first one is what an address is called when it is looked up. */
  readonly names: readonly string[];
}

/** What every hosts file begins with (hosts(5), RFC 4291). */
const LOCALHOST = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
  "",
].join("\n");
const BEGIN = "# voiyd: names of the networks, kept up to date";
const END = "# voiyd: end";

/** A whole hosts file: localhost, the container's own addresses, and those of its peers. */
export function renderHosts(own: readonly HostEntry[], peers: readonly HostEntry[]): string {
  return mergeHosts("", own, peers);
}

/**
 * The text of a hosts file with our part of it replaced, everything else left as it is: extra hosts, and what was
 * written from inside. An empty text gets localhost first.
 */
export function mergeHosts(text: string, own: readonly HostEntry[], peers: readonly HostEntry[]): string {
  const lines = text === "" ? LOCALHOST.trimEnd().split("\n") : text.replace(/\n$/, "").split("\n");
  const begin = lines.indexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  const kept = begin === -1 || end === -1 ? lines.filter((line) => line !== BEGIN && line !== END) : undefined;
  const before = kept ?? lines.slice(0, begin);
  const after = kept === undefined ? lines.slice(end + 1) : [];
  const part = [...own, ...peers].flatMap(entryLines);
  return `${[...before, BEGIN, ...part, END, ...after].join("\n")}\n`;
}

function entryLines({ addresses, names }: HostEntry): readonly string[] {
  if (names.length === 0) return [];
  return addresses.map((address) => `${address}\t${[...new Set(names)].join(" ")}`);
}
