import { isRuntimeError } from "@voiyd/runtime-api";
import { UsageError } from "../../command-line/usage-error.js";
import { parsePruneFilters } from "../../options/prune-filter.js";
import { humanBytes } from "../../output/bytes.js";
import { escapeText } from "../../output/escape.js";
import { renderFailure } from "../../output/failure.js";
import type { Command, CommandNetwork, CommandRuntime } from "../command.js";
import { confirm } from "../confirm.js";
import { removeStopped } from "../container/stopped.js";
import { type Doomed, planPrune, type PruneChoice, type PrunePlan } from "./prune-plan.js";

/** `voiyd system prune`. */
export const prune: Command = {
  usage: "system prune [OPTIONS]",
  summary: "Remove stopped containers, and what no container uses",
  options: {
    all: { kind: "flag", short: "a", help: "also images with a tag; otherwise only references by digest" },
    volumes: { kind: "flag", help: "also volumes" },
    filter: { kind: "list", value: "KEY=VALUE", help: "only those: until=TIME, made before then; label=; label!=" },
    force: { kind: "flag", short: "f", help: "ask nobody" },
    "dry-run": { kind: "flag", help: "say what would be removed, and why; do nothing" },
  },
  operands: [0, 0],
  async execute({ args, runtime, network, signal, settings, surroundings }) {
    const { stdin, stdout, stderr, now } = surroundings;
    const filters = args.list("filter");
    const choice: PruneChoice = { all: args.flag("all"), volumes: args.flag("volumes"), filters };
    parsePruneFilters(filters, now()); // a mistake is said before anything is done
    if (choice.volumes && filters.length > 0) {
      throw new UsageError(
        "--filter and --volumes exclude each other: volumes have no labels, and nobody keeps their age",
      );
    }
    const [dryRun, force] = [args.flag("dry-run"), args.flag("force")];
    if (!dryRun && !force && !stdin.isTTY) {
      throw new UsageError("there is nobody to ask whether all that is to be removed", "give --force, or --dry-run");
    }
    const connected = await runtime();
    const networks = await network();
    const plan = await planPrune(connected, networks, choice, { signal, now: now() });
    if (!force) await stdout.write(explain(plan, dryRun));
    if (dryRun || (!force && plan.doomed.length > 0 && !(await confirm(surroundings)))) return 0;
    let exitCode = 0;
    let bytes = 0;
    const attempt = async (work: () => Promise<readonly string[]>): Promise<void> => {
      try {
        await stdout.write((await work()).map((what) => `Removed: ${escapeText(what)}\n`).join(""));
      } catch (error) {
        signal.throwIfAborted();
        await stderr.write(renderFailure(error, settings.debug));
        exitCode = 1;
      }
    };
    for (const doomed of plan.doomed) {
      await attempt(async () => {
        if (!(await remove(connected, networks, doomed, signal))) return [];
        bytes += doomed.bytes ?? 0;
        return [describe(doomed)];
      });
    }
    if (choice.volumes) {
      await attempt(async () => {
        const { removed } = await connected.pruneVolumes({ signal });
        bytes += removed.reduce((sum, volume) => sum + volume.bytes, 0);
        return removed.map(({ name }) => `volume ${name}`);
      });
    }
    await attempt(async () => {
      const { only } = plan;
      const { removed, reclaimedBytes } = await connected.pruneImages({
        all: choice.all,
        signal,
        ...(only === undefined ? {} : { only }),
      });
      bytes += reclaimedBytes;
      return removed.map(({ name }) => `image ${name}`);
    });
    await stdout.write(`Total reclaimed space: ${humanBytes(bytes)}\n`);
    return exitCode;
  },
};

function explain({ doomed, bytes }: PrunePlan, dryRun: boolean): string {
  if (doomed.length === 0) return "There is nothing to remove.\n";
  const lines = doomed.map((one) => `  ${escapeText(describe(one))} (${escapeText(one.reason)})\n`);
  const word = dryRun ? "Would remove" : "This will remove";
  return `${word}:\n${lines.join("")}${dryRun ? "Would reclaim" : "To be reclaimed"}: ${humanBytes(bytes)}\n`;
}

function describe({ kind, name }: Doomed): string {
  return `${kind} ${name}`;
}

/** Of a container or a network whether it is gone by this: somebody may have come to need it. */
async function remove(
  runtime: CommandRuntime,
  network: CommandNetwork,
  { kind, name, id = name }: Doomed,
  signal: AbortSignal,
): Promise<boolean> {
  if (kind === "container") return removeStopped(runtime, id, signal);
  if (kind !== "network") return false;
  try {
    await network.removeNetwork(name, { signal });
    return true;
  } catch (error) {
    if (isRuntimeError(error, "FAILED_PRECONDITION", "NETWORK_NOT_FOUND")) return false;
    throw error;
  }
}
