import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { errorMessage } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { addChain, publishesItself } from "./add-chain.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import { Deadline } from "./deadline.js";
import { explainExhaustion } from "./explain-exhaustion.js";
import type { PluginPaths } from "./find-plugins.js";
import { portOwner } from "./lean-owners.js";
import type { ManagerParts } from "./parts.js";
import { teardown } from "./teardown.js";

/** One network to attach to, its record already on the disk. */
export interface NetworkAttach {
  readonly record: AttachmentRecord;
  readonly list: NetworkConfigList;
  readonly version: string;
  readonly binDirs: readonly string[];
  readonly paths: PluginPaths;
  readonly namespacePath: string;
}

/** How often an attach is repeated that failed for a reason that passes: races of iptables, plugins that are busy. */
const RETRIES = 3;
/** And one that met leftovers, which undoing the failed attempt has removed. */
const STALE_RETRIES = 1;
const JITTER_MS = 100;

/**
 * Attaches to one network, or leaves nothing of it: what fails or is aborted is undone, with a deadline of its own that
 * no caller can abort. Where undoing fails too, the record stays, and the error says in `details.leftovers` what is left.
 */
export async function attachNetwork(
  parts: ManagerParts,
  attach: NetworkAttach,
  signal: AbortSignal,
): Promise<AttachmentRecord> {
  for (let attempt = 0; ; attempt += 1) {
    let latest = attach.record;
    const add = (): Promise<AttachmentRecord> => {
      const remember = (record: AttachmentRecord): void => void (latest = record);
      const run = async (): Promise<AttachmentRecord> =>
        publishLean(parts, attach, await addWithRules(parts, attach, remember, signal), signal);
      return parts.slots.run(run, signal);
    };
    try {
      const lean = leanNetworkOf(attach.list);
      const withPorts = lean === undefined && (attach.record.state?.ports.length ?? 0) > 0;
      return await parts.primed.run(lean?.table ?? attach.list.name, withPorts, add, signal);
    } catch (error) {
      const again = !signal.aborted && attempt < retriesFor(error);
      await rollBack(parts, latest, again, error);
      if (!again) throw await explainExhaustion(parts, attach.list, error);
      parts.logger.info("attach is repeated", {
        containerId: latest.containerId,
        network: latest.networkName,
        error: errorMessage(error),
      });
      await parts.records.put(attach.record);
      await new Promise((resolve) => setTimeout(resolve, parts.random() * JITTER_MS * (attempt + 1)));
    }
  }
}

/** The plugins, and at the same time a look whether the rules of lean mode are still in force: both are needed. */
async function addWithRules(
  parts: ManagerParts,
  attach: NetworkAttach,
  remember: (record: AttachmentRecord) => void,
  signal: AbortSignal,
): Promise<AttachmentRecord> {
  const lean = leanNetworkOf(attach.list);
  const adding = addChain(parts, attach, remember, signal);
  if (lean === undefined) return adding;
  // Neither is left alone with what it does: undoing it would cross it.
  const [added, restored] = await Promise.allSettled([adding, parts.lean.restore(lean, signal)]);
  if (added.status === "rejected") throw added.reason;
  if (restored.status === "rejected") throw restored.reason;
  if (restored.value === "") return added.value;
  throw new RuntimeError("NETWORK_SETUP_FAILED", `network ${attach.list.name}: its rules: ${restored.value}`, {
    details: { network: attach.list.name, containerId: attach.record.containerId },
  });
}

/** The ports stand in the record before they are published, and it says that they are only after they were. */
async function publishLean(
  parts: ManagerParts,
  { list }: NetworkAttach,
  record: AttachmentRecord,
  signal: AbortSignal,
): Promise<AttachmentRecord> {
  const lean = leanNetworkOf(list);
  if (lean === undefined || record.state === undefined || !publishesItself({ list, record })) return record;
  await parts.lean.publish(lean, portOwner(record), signal);
  const published: AttachmentRecord = { ...record, state: { ...record.state, phase: "attached" } };
  await parts.records.put(published, { transient: true });
  signal.throwIfAborted();
  return published;
}

/** Undoes an attach; `cause` is why. */
export async function rollBack(
  parts: ManagerParts,
  record: AttachmentRecord,
  keepRecord: boolean,
  cause: unknown,
): Promise<void> {
  const { containerId, networkName } = record;
  using deadline = new Deadline(
    parts.timeouts.detachMs,
    `rollback of network ${networkName} of container ${containerId}`,
  );
  const leftovers = await leftoversOf(parts, record, keepRecord, deadline.signal);
  if (leftovers.length === 0) return;
  const code = isRuntimeError(cause) ? cause.code : "NETWORK_SETUP_FAILED";
  throw new RuntimeError(code, `${errorMessage(cause)}; undoing it failed: ${leftovers.join("; ")}`, {
    cause,
    hint: "Detach the container once the reason is gone",
    details: { ...(isRuntimeError(cause) ? cause.details : {}), containerId, network: networkName, leftovers },
  });
}

async function leftoversOf(
  parts: ManagerParts,
  record: AttachmentRecord,
  keepRecord: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await teardown(parts, record, { signal, keepRecord, namespaceGoes: false });
  } catch (error) {
    return [errorMessage(error)];
  }
}

function retriesFor(error: unknown): number {
  if (!isRuntimeError(error)) return 0;
  const reason = error.details["reason"];
  if (reason === "firewall-race" || reason === "try-again") return RETRIES;
  return reason === "stale-attachment" || reason === "stale-interface" ? STALE_RETRIES : 0;
}
