import { UsageError } from "../../command-line/usage-error.js";
import { parsePruneFilters } from "../../options/prune-filter.js";
import { humanBytes } from "../../output/bytes.js";
import { renderFailure } from "../../output/failure.js";
import type { Command } from "../command.js";
import { confirm } from "../confirm.js";
import { containerBytes } from "../system/df-summary.js";
import { isStopped, removeStopped } from "./stopped.js";

/** `voiyd container prune`. */
export const prune: Command = {
  usage: "container prune [OPTIONS]",
  summary: "Remove stopped containers",
  options: {
    filter: { kind: "list", value: "KEY=VALUE", help: "only those: until=TIME, made before then; label=; label!=" },
    force: { kind: "flag", short: "f", help: "ask nobody" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, settings, surroundings }) {
    const { stdin, stdout, stderr, now } = surroundings;
    const isWanted = parsePruneFilters(args.list("filter"), now());
    if (!args.flag("force")) {
      if (!stdin.isTTY)
        throw new UsageError("there is nobody to ask whether containers are to be removed", "give --force");
      const which = args.list("filter").length === 0 ? "all stopped containers" : "the stopped containers that fit";
      await stdout.write(`This will remove ${which}.\n`);
      if (!(await confirm(surroundings))) return 0;
    }
    const connected = await runtime();
    const doomed = (await connected.list({ signal })).filter((one) => isStopped(one) && isWanted(one.meta));
    const usage = doomed.length === 0 ? [] : (await connected.diskUsage({ signal })).containers;
    const sizes = new Map<string, number>(usage.map((one) => [one.id, containerBytes(one)]));
    let exitCode = 0;
    let bytes = 0;
    let count = 0;
    for (const { status } of doomed) {
      try {
        if (!(await removeStopped(connected, status.id, signal))) continue;
        bytes += sizes.get(status.id) ?? 0;
        await stdout.write(`${count === 0 ? "Deleted Containers:\n" : ""}${status.id}\n`);
        count += 1;
      } catch (error) {
        signal.throwIfAborted();
        await stderr.write(renderFailure(error, settings.debug));
        exitCode = 1;
      }
    }
    await stdout.write(`${count === 0 ? "" : "\n"}Total reclaimed space: ${humanBytes(bytes)}\n`);
    return exitCode;
  },
};
