import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unmountBelow } from "../mounts/unmount-below.js";
import { errorCode } from "../process/error-code.js";
import { type Execute, execute } from "../process/execute.js";
import { removeNetwork } from "../teardown/remove-network.js";
import { removeProcesses } from "../teardown/remove-processes.js";
import { removeRuntimeState } from "../teardown/remove-runtime-state.js";
import type { PrivateHost } from "./private-host.js";

/**
 * Takes from a host what a loss of power takes: every process, the daemon's state, network namespaces, interfaces and
 * rules. What is on disk stays; the attachment records say that they are of an earlier boot. The daemon runs afterwards.
 */
export async function reboot(host: PrivateHost, run: Execute = execute): Promise<void> {
  await host.stop("kill");
  await removeProcesses(host.directory);
  await removeRuntimeState(host.directory, host.state);
  await unmountBelow(host.state, run);
  await emptyFolder(host.state);
  await unmountBelow(host.netnsDir, run);
  await emptyFolder(host.netnsDir);
  await rm(`${host.netnsDir}-makers`, { recursive: true, force: true });
  await removeNetwork(host, run);
  await ageRecords(join(host.cacheDir, "results"));
  await host.start();
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o711 });
}

async function ageRecords(folder: string): Promise<void> {
  for (const name of await filesIn(folder)) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(/"bootId":\s*"[^"]*"/gu, '"bootId":"an-earlier-boot"'));
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw new Error(`${dirname(folder)} cannot be read`, { cause: error });
  }
}
