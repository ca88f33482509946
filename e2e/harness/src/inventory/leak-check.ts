import { setTimeout as delay } from "node:timers/promises";
import type { PrivateHost } from "../host/private-host.js";
import { diffInventory, type DiffOptions, formatDifference, type InventoryDifference } from "./diff-inventory.js";
import type { LeakInventory } from "./leak-inventory.js";
import { type InventoryOptions, takeInventory } from "./take-inventory.js";

export interface LeakCheckOptions extends InventoryOptions, DiffOptions {
  /** Milliseconds that the host has to come to rest. Default 60 000: it takes no longer than it must. */
  readonly settleMs?: number;
}

/** The host is not as it was before. */
export class LeakError extends Error {
  readonly differences: readonly InventoryDifference[];

  constructor(differences: readonly InventoryDifference[], options?: ErrorOptions) {
    super(`the host is not as it was before\n${formatDifference(differences)}`, options);
    this.name = "LeakError";
    this.differences = differences;
  }
}

const PAUSE_MS = 200;
/** Where the work has failed, the failure is what there is to be told; what it left will rarely go by itself. */
const SETTLE_AFTER_FAILURE_MS = 10_000;

/** Waits until the host is as in `before`; resolves with what still differs when the time is over. */
export async function settledDifference(
  host: PrivateHost,
  before: LeakInventory,
  options: LeakCheckOptions = {},
): Promise<InventoryDifference[]> {
  return (await settle(host, before, options)).differences;
}

interface Settled {
  readonly inventory: LeakInventory;
  readonly differences: InventoryDifference[];
}

async function settle(host: PrivateHost, before: LeakInventory, options: LeakCheckOptions): Promise<Settled> {
  const deadline = performance.now() + (options.settleMs ?? 60_000);
  for (;;) {
    const inventory = await takeInventory(host, options);
    const differences = diffInventory(before, inventory, options);
    if (differences.length === 0 || performance.now() >= deadline) return { inventory, differences };
    await delay(PAUSE_MS);
  }
}

/** Throws {@link LeakError} with what differs when the host does not come back to `before`. */
export async function expectNoLeaks(
  host: PrivateHost,
  before: LeakInventory,
  options: LeakCheckOptions = {},
): Promise<void> {
  await rest(host, before, options);
}

async function rest(host: PrivateHost, before: LeakInventory, options: LeakCheckOptions): Promise<LeakInventory> {
  const { inventory, differences } = await settle(host, before, options);
  if (differences.length > 0) throw new LeakError(differences);
  return inventory;
}

/**
 * Runs `work` and expects the host to be afterwards exactly as it was before, also when `work` fails. Where it both fails
 * and leaks, the {@link LeakError} has the failure as its cause and in its message.
 */
export async function withLeakCheck<T>(
  host: PrivateHost,
  work: () => Promise<T>,
  options: LeakCheckOptions = {},
): Promise<T> {
  return (await withLeakCheckSince(host, await takeInventory(host, options), work, options)).result;
}

/** The same for a host that is known to be as in `before`. Resolves also with what was seen of it at the end. */
export async function withLeakCheckSince<T>(
  host: PrivateHost,
  before: LeakInventory,
  work: () => Promise<T>,
  options: LeakCheckOptions = {},
): Promise<{ readonly result: T; readonly after: LeakInventory }> {
  let result: T;
  try {
    result = await work();
  } catch (failure) {
    const settleMs = Math.min(options.settleMs ?? SETTLE_AFTER_FAILURE_MS, SETTLE_AFTER_FAILURE_MS);
    const differences = await settledDifference(host, before, { ...options, settleMs }).catch((error: unknown) => {
      // It must not hide why the daemon is gone, say.
      throw new Error(`${String(failure)}\nand the host cannot be looked at: ${String(error)}`, { cause: failure });
    });
    if (differences.length === 0) throw failure;
    const error = new LeakError(differences, { cause: failure });
    error.message = `${String(failure)}\nand ${error.message}`;
    throw error;
  }
  return { result, after: await rest(host, before, options) };
}
