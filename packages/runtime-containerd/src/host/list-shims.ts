import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ifAlive } from "./if-alive.js";

/** A shim of whatever daemon of this machine. */
export interface ShimProcess {
  readonly pid: number;
  readonly namespace: string;
  readonly id: string;
  /** The socket of its daemon. */
  readonly address: string;
}

/** The name of a shim's process, cut by the kernel to fifteen characters. */
const SHIM = "containerd-shim";

/** All shims of the machine, by their command lines. One whose command line cannot be read is not among them. */
export function listShims(proc = "/proc"): ShimProcess[] {
  return readdirSync(proc).flatMap((pid) => {
    if (!/^[1-9][0-9]*$/.test(pid) || !readOf(join(proc, pid, "comm")).startsWith(SHIM)) return [];
    const args = readOf(join(proc, pid, "cmdline")).split("\0");
    const [namespace, id, address] = ["-namespace", "-id", "-address"].map((option) => valueOf(args, option));
    if (namespace === undefined || id === undefined || address === undefined) return [];
    return [{ pid: Number(pid), namespace, id, address }];
  });
}

function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at === -1 ? undefined : args[at + 1];
}

function readOf(path: string): string {
  return ifAlive(() => readFileSync(path, "utf8"), "");
}
