import { spawn, execFile, type ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { timed, type Samples } from "./statistics.js";

const execute = promisify(execFile);
const BUSYBOX = "/bin/busybox";

/** Why `ctr` cannot be measured here; `undefined` when it can. */
export function ctrObstacle(): string | undefined {
  const find = (tool: string): boolean =>
    ["/usr/bin", "/usr/sbin", "/usr/local/bin"].some((dir) => existsSync(join(dir, tool)));
  if (!find("containerd") || !find("ctr")) return "containerd is not installed";
  return existsSync(BUSYBOX) ? undefined : `${BUSYBOX} is missing`;
}

/** A containerd of the bench's own, and what `ctr run` takes on it with and without CNI. */
export class Ctr implements AsyncDisposable {
  readonly #daemon: ChildProcess;
  readonly #address: string;
  readonly #rootfs: string;
  #counter = 0;

  constructor(dir: string) {
    this.#address = join(dir, "containerd.sock");
    this.#rootfs = join(dir, "rootfs");
    mkdirSync(join(this.#rootfs, "bin"), { recursive: true });
    copyFileSync(BUSYBOX, join(this.#rootfs, "bin", "busybox"));
    const config = join(dir, "containerd.toml");
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    const args = [
      "--config",
      config,
      "--root",
      join(dir, "root"),
      "--state",
      join(dir, "state"),
      "--address",
      this.#address,
    ];
    this.#daemon = spawn("containerd", args, { stdio: "ignore" });
  }

  async ready(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#ctr("version");
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** `ctr run` with and without `--cni`, one after the other. What they differ by is an attach and a detach. */
  async round(samples: Samples): Promise<void> {
    samples.add("ctr run", await timed(() => this.#run()));
    samples.add("ctr run --cni", await timed(() => this.#run("--cni")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#daemon.once("exit", resolve));
    this.#daemon.kill("SIGTERM");
    await ended;
  }

  async #run(...flags: readonly string[]): Promise<void> {
    this.#counter += 1;
    const id = `bench-${String(this.#counter)}`;
    await this.#ctr("run", "--rm", "--rootfs", ...flags, this.#rootfs, id, "/bin/busybox", "true");
  }
  #ctr(...args: readonly string[]): Promise<unknown> {
    return execute("ctr", ["--address", this.#address, "--namespace", "bench", ...args]);
  }
}
