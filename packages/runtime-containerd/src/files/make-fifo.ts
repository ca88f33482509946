import { spawn } from "node:child_process";
import { once } from "node:events";
import type { FileHandle } from "node:fs/promises";

/**
 * Makes a FIFO in an open folder. Node.js cannot (`mkfifo(3)`), so a program of coreutils does, which gets the folder and
 * no path to it.
 */
export async function makeFifo(folder: FileHandle, name: string): Promise<void> {
  const child = spawn("mkfifo", ["-m", "600", "--", `/proc/self/fd/3/${name}`], {
    stdio: ["ignore", "ignore", "pipe", folder.fd],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const closed: readonly unknown[] = await once(child, "close");
  if (closed[0] !== 0) throw new Error(`mkfifo: ${said.trim().slice(0, 500)}`);
}
