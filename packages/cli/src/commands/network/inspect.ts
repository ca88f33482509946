import type { NetworkInfo } from "@voiyd/networking-cni";
import type { Attachment } from "@voiyd/runtime-api";
import { valueOf } from "../../template/value.js";
import type { Command } from "../command.js";
import { showDetails } from "../details.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat } from "../format.js";

/** `voiyd network inspect`. */
export const inspect: Command = {
  usage: "network inspect [OPTIONS] NETWORK [NETWORK...]",
  summary: "Show networks and who is on them, as JSON",
  options: {
    format: DETAIL_FORMAT_OPTION,
    verbose: { kind: "flag", short: "v", help: "as without: everything is shown" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, network, signal } = context;
    const format = readDetailFormat(args);
    const networks = await network();
    const attachments = await networks.list({ signal });
    const inspected = args.operands.map(async (name) =>
      described(await networks.inspectNetwork(name, { signal }), attachments),
    );
    const outcomes = await Promise.allSettled(inspected);
    signal.throwIfAborted();
    return showDetails(outcomes, format, valueOf, context);
  },
};

/** With the interfaces of its containers in the place of their ids alone. */
function described(info: NetworkInfo, attachments: readonly Attachment[]): object {
  const containers = info.containers.map((containerId) => {
    const attachment = attachments.find((one) => one.containerId === containerId);
    return { containerId, interfaces: attachment?.interfaces.filter((one) => one.network === info.name) ?? [] };
  });
  return { ...info, containers };
}
