import { isRuntimeError } from "@voiyd/runtime-api";
import { parseNetworkPruneFilters } from "../../options/network-filter.js";
import { renderFailure } from "../../output/failure.js";
import type { Command } from "../command.js";

/** `voiyd network prune`. */
export const prune: Command = {
  usage: "network prune [OPTIONS]",
  summary: "Remove the networks that no container is on",
  options: {
    filter: { kind: "list", value: "KEY=VALUE", help: "only those: label=; label!=" },
    force: { kind: "flag", short: "f", help: "accepted, and nothing else: nobody is asked in any case" },
  },
  operands: [0, 0],
  async execute({ args, network, signal, settings, surroundings: { stdout, stderr } }) {
    const fits = parseNetworkPruneFilters(args.list("filter"));
    const networks = await network();
    let exitCode = 0;
    for (const { name, isOwn, containers, labels } of await networks.networks({ signal })) {
      if (!isOwn || containers.length > 0 || !fits(labels)) continue;
      try {
        await networks.removeNetwork(name, { signal });
        await stdout.write(`${name}\n`);
      } catch (error) {
        signal.throwIfAborted();
        // Somebody came, or somebody removed it, between the look and the removal.
        if (isRuntimeError(error, "FAILED_PRECONDITION", "NETWORK_NOT_FOUND")) continue;
        await stderr.write(renderFailure(error, settings.debug));
        exitCode = 1;
      }
    }
    return exitCode;
  },
};
