import { readFile, rename, writeFile } from "node:fs/promises";
import { isAlive } from "../process/end-process.js";
import { orIfAbsent } from "../process/error-code.js";
import { readProcess } from "../process/process-table.js";

/** Who made a private host's folder, and what to remove outside it when that process died. */
export interface Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
  readonly bridge: string;
  readonly subnet: string;
}

async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** Puts this process's mark into a folder, whole or not at all. */
export async function writeOwner(file: string, network: Pick<Owner, "bridge" | "subnet">): Promise<void> {
  const self = readProcess(process.pid);
  if (self === undefined) throw new Error("/proc does not show this process; is it mounted?");
  const owner: Owner = { pid: self.pid, startTime: self.startTime, bootId: await readBootId(), ...network };
  await writeFile(`${file}.new`, JSON.stringify(owner), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The mark in a text; undefined when it is none. */
export function parseOwner(text: string): Owner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // not JSON: not a mark of ours
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("pid" in value && "startTime" in value && "bootId" in value && "bridge" in value && "subnet" in value))
    return undefined;
  const { pid, startTime, bootId, bridge, subnet } = value;
  if (typeof pid !== "number" || typeof startTime !== "string" || typeof bootId !== "string") return undefined;
  if (typeof bridge !== "string" || typeof subnet !== "string") return undefined;
  return { pid, startTime, bootId, bridge, subnet };
}

export async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await orIfAbsent(readFile(file, "utf8"), undefined);
  return text === undefined ? undefined : parseOwner(text);
}

/** Whether the process that made the mark still runs: same boot, same pid, same start. */
export async function isOwnerAlive(owner: Owner): Promise<boolean> {
  return owner.bootId === (await readBootId()) && (await isAlive(owner));
}
