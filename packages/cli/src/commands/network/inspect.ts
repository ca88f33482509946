import type { NetworkInfo } from "@voiyd/networking-cni";
import type { Attachment } from "@voiyd/runtime-api";
import { toJson } from "../../output/escape.js";
import { renderFailure } from "../../output/failure.js";
import type { Command } from "../command.js";

/** `voiyd network inspect`. */
export const inspect: Command = {
  usage: "network inspect [OPTIONS] NETWORK [NETWORK...]",
  summary: "Show networks and who is on them, as JSON",
  options: {
    verbose: { kind: "flag", short: "v", help: "as without: everything is shown" },
  },
  operands: [1, Infinity],
  async execute({ args, network, signal, settings, surroundings: { stdout, stderr } }) {
    const networks = await network();
    const attachments = await networks.list({ signal });
    const outcomes = await Promise.allSettled(args.operands.map((name) => networks.inspectNetwork(name, { signal })));
    signal.throwIfAborted();
    const found = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    await stdout.write(
      `${toJson(
        found.map((info) => described(info, attachments)),
        2,
      )}\n`,
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") await stderr.write(renderFailure(outcome.reason, settings.debug));
    }
    return found.length === outcomes.length ? 0 : 1;
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
