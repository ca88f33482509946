import type { NetworkInfo } from "@voiyd/networking-cni";
import { parseNetworkFilters } from "../../options/network-filter.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat } from "../format.js";
import { fieldsOf, labelNames, renderListing, type Listing } from "../listing.js";

/** `voiyd network ls`. */
export const ls: Command = {
  usage: "network ls [OPTIONS]",
  summary: "List networks",
  options: {
    filter: {
      kind: "list",
      short: "f",
      value: "KEY=VALUE",
      help: "only those: name=, label=, driver=, dangling=, type=, scope=",
    },
    format: FORMAT_OPTION,
    "no-trunc": { kind: "flag", help: "as without: nothing is cut off" },
    quiet: { kind: "flag", short: "q", help: "only the names" },
  },
  operands: [0, 0],
  async execute({ args, network, signal, surroundings }) {
    const format = readFormat(args);
    const isWanted = parseNetworkFilters(args.list("filter"));
    const networks = await (await network()).networks({ signal });
    const sorted = networks.filter(isWanted).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (args.flag("quiet")) await surroundings.stdout.write(sorted.map(({ name }) => `${name}\n`).join(""));
    else await surroundings.stdout.write(renderListing(format, sorted, LISTING));
    return 0;
  },
};

const LISTING: Listing<NetworkInfo> = {
  header: ["NAME", "SUBNETS", "PLUGINS", "CONTAINERS", "FILE"],
  cells: row,
  json: (info) => info,
  // Docker's names beside our own. A network has no other id than its name.
  names: (info) => ({
    ...fieldsOf(info),
    ...labelNames(info.labels),
    ID: info.name,
    Name: info.name,
    Driver: info.plugins[0] ?? "",
    Scope: "local",
    IPv6: String(info.ranges.some(({ subnet }) => subnet.includes(":"))),
    Internal: String(info.internal),
  }),
  titles: {
    ID: "NETWORK ID",
    Name: "NAME",
    Driver: "DRIVER",
    Scope: "SCOPE",
    IPv6: "IPV6",
    Internal: "INTERNAL",
    Labels: "LABELS",
  },
};

function row({ name, isDefault, ranges, plugins, containers, file }: NetworkInfo): string[] {
  return [
    isDefault ? `${name} (default)` : name,
    ranges.map(({ subnet }) => subnet).join(", "),
    plugins.join(","),
    String(containers.length),
    file,
  ];
}
