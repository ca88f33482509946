import type { NetworkInfo } from "@voiyd/networking-cni";
import { parseNetworkFilters } from "../../options/network-filter.js";
import { toJson } from "../../output/escape.js";
import { renderTable } from "../../output/table.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat } from "../format.js";

const HEADER = ["NAME", "SUBNETS", "PLUGINS", "CONTAINERS", "FILE"];

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
    else if (format === "json") await surroundings.stdout.write(sorted.map((one) => `${toJson(one)}\n`).join(""));
    else await surroundings.stdout.write(renderTable(HEADER, sorted.map(row)));
    return 0;
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
