import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { orIfAbsent } from "../process/error-code.js";
import type { Violation } from "./check-invariants.js";

/** What nothing in a container may ever change, and what who breaks out of one changes first. */
const FILES = [
  "/etc/passwd",
  "/etc/group",
  "/etc/shadow",
  "/etc/hosts",
  "/etc/hostname",
  "/etc/resolv.conf",
  "/etc/ld.so.preload",
  "/root/.ssh/authorized_keys",
  "/proc/sys/kernel/core_pattern",
  "/proc/sys/kernel/modprobe",
];

/** Files of the host itself, by their contents' hashes; empty for one that is not there. */
export type Canary = ReadonlyMap<string, string>;

export async function readCanary(files: readonly string[] = FILES): Promise<Canary> {
  const hashes = files.map(async (path): Promise<[string, string]> => {
    const content = await orIfAbsent(readFile(path), undefined);
    return [path, content === undefined ? "" : createHash("sha256").update(content).digest("hex")];
  });
  return new Map(await Promise.all(hashes));
}

/** I-20: the host's own files are as they were. */
export async function checkCanary(before: Canary): Promise<Violation[]> {
  const after = await readCanary([...before.keys()]);
  return [...before]
    .filter(([path, hash]) => after.get(path) !== hash)
    .map(([path]) => ({ rule: "I-20", what: `${path} of the host has been changed` }));
}
