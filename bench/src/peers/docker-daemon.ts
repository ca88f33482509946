import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram, runProgram } from "./program.js";

export interface DockerDaemon extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  readonly address: string;
}

const START_MS = 60_000;
const LOOK_MS = 200;

/**
 * A Docker daemon of our own over the private containerd, with its folders in `directory`; undefined where Docker is not
 * installed, or does not start: its log says why.
 */
export async function startDockerDaemon(
  directory: string,
  containerd: string,
  env: NodeJS.ProcessEnv,
): Promise<DockerDaemon | undefined> {
  const [daemon, docker] = await Promise.all([findProgram("dockerd"), findProgram("docker")]);
  if (daemon === undefined || docker === undefined) return undefined;
  const at = (name: string): string => join(directory, name);
  const address = `unix://${at("docker.sock")}`;
  const log = await open(at("dockerd.log"), "w");
  const options = {
    host: address,
    containerd,
    "data-root": at("docker"),
    "exec-root": at("docker-run"),
    pidfile: at("docker.pid"),
    "storage-driver": "overlay2",
    bip: "172.31.255.1/24",
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  // It ends with us, however we end.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", daemon, ...args], {
    env,
    stdio: ["ignore", log.fd, log.fd],
  });
  const ended = once(child, "exit").catch(() => undefined);
  await log.close();
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  for (const end = performance.now() + START_MS; performance.now() < end && child.exitCode === null;) {
    try {
      await runProgram(docker, ["--host", address, "info", "--format", "{{.ServerVersion}}"], { env });
      return { address, [Symbol.asyncDispose]: stop };
    } catch {
      await sleep(LOOK_MS); // not there yet
    }
  }
  await stop();
  return undefined;
}
