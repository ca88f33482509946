import { execFile, execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isJsonObject, objectAt, parseJson, stringAt } from "../protocol/json.js";
import type { NetworkMode } from "../config/default-network.js";
import type { NetworkManagerOptions } from "../manager/options.js";

/** A step of the worker: a method of the manager with its arguments, or several at once. */
export type Step = readonly [string, ...unknown[]] | { readonly parallel: readonly Step[] };

/** What became of a step. */
export interface Answer {
  readonly value?: unknown;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

/** Why host tests cannot run here; `undefined` when they can. */
export function hostTestObstacle(): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  for (const tool of ["ip", "nsenter", "unshare", "iptables", "nft"]) {
    if (!["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((dir) => existsSync(join(dir, tool)))) return `needs ${tool}`;
  }
  if (pluginDir() === undefined) return "needs CNI plugins (containernetworking-plugins)";
  try {
    execFileSync("unshare", ["--net", "iptables", "-S"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `needs a firewall: ${String(error)}`;
  }
}

/** Where the real plugins are: those of the host, or in the folder that `VOIYD_CNI_PLUGINS` names. */
export function pluginDir(): string | undefined {
  const instead = process.env["VOIYD_CNI_PLUGINS"];
  if (instead !== undefined) return instead;
  return ["/opt/cni/bin", "/usr/libexec/cni", "/usr/lib/cni"].find((dir) => existsSync(join(dir, "bridge")));
}

let sandboxes = 0;

/** A host of its own, as far as networks go: a namespace with its own firewall, and all folders below a temporary one. */
export class HostSandbox {
  readonly dir: string = mkdtempSync(join(tmpdir(), "voiyd-cni-"));
  readonly name: string;
  readonly options: NetworkManagerOptions;

  constructor(options: NetworkManagerOptions = {}, mode: NetworkMode = "plugins") {
    sandboxes += 1;
    this.name = `vcni-${String(process.pid)}-${String(sandboxes)}`;
    execFileSync("ip", ["netns", "add", this.name]);
    this.host("ip", "link", "set", "lo", "up");
    this.options = {
      confDir: this.path("net.d"),
      cacheDir: this.path("cache"),
      netnsDir: this.path("netns"),
      binDirs: [pluginDir() ?? ""],
      defaultNetwork: { mode, bridge: "vtest0", subnet: "10.99.0.0/24", ipamDataDir: this.path("leases") },
      ...options,
    };
  }

  path(...parts: readonly string[]): string {
    return join(this.dir, ...parts);
  }

  /** Runs a program on this host. */
  host(file: string, ...args: readonly string[]): string {
    return execFileSync("nsenter", [`--net=/run/netns/${this.name}`, file, ...args], { encoding: "utf8" });
  }

  /** Starts a worker on this host. Its first line is `ready`. */
  start(steps: readonly Step[], options: NetworkManagerOptions = {}): ChildProcessWithoutNullStreams {
    const program = JSON.stringify({ options: { ...this.options, ...options }, steps });
    return spawn("nsenter", [`--net=/run/netns/${this.name}`, process.execPath, WORKER, program], { stdio: "pipe" });
  }

  /** Runs steps in a process of their own; resolves with an answer each. */
  run(steps: readonly Step[], options: NetworkManagerOptions = {}): Promise<readonly Answer[]> {
    const program = JSON.stringify({ options: { ...this.options, ...options }, steps });
    return new Promise((settle, reject) => {
      execFile(
        "nsenter",
        [`--net=/run/netns/${this.name}`, process.execPath, WORKER, program],
        { maxBuffer: 1e8 },
        (error, stdout, stderr) => {
          if (error !== null) {
            reject(new Error(`worker: ${stderr}`, { cause: error }));
            return;
          }
          settle(stdout.trim().split("\n").slice(1).map(parseAnswer));
        },
      );
    });
  }

  /** What there is of single containers; empty on a clean host. */
  inventory(): readonly string[] {
    const rules = ["iptables-save", "ip6tables-save"].flatMap((tool) => this.host(tool).split("\n"));
    const links = this.host("ip", "-o", "link", "show", "type", "veth")
      .split("\n")
      .filter((line) => line !== "");
    return [
      ...this.#publishedByNft(),
      ...rules.filter((rule) => /CNI-[0-9a-f]{24}|CNI-DN-|^-A CNI-FORWARD -[sd]/.test(rule)),
      ...links,
      ...files(this.path("netns")).map((file) => `namespace ${file}`),
      ...files(this.path("netns-makers")).map((file) => `maker ${file}`),
      ...files(this.path("cache", "results")).map((file) => `record ${file}`),
      ...files(this.path("cache", "voiyd-tmp")).map((file) => `temporary ${file}`),
      ...files(this.path("leases", "voiyd"))
        .filter((file) => file !== "lock" && !file.startsWith("last_reserved_ip"))
        .map((file) => `lease ${file}`),
      ...readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(this.dir)),
    ];
  }

  /** The elements of our nft tables; their rules are the same whatever containers there are. */
  #publishedByNft(): readonly string[] {
    return this.host("nft", "list", "ruleset", "inet")
      .split("\n")
      .filter((line) => /^\s*(elements = \{ )?(tcp|udp|sctp) \. /.test(line))
      .map((line) => `nft ${line.trim()}`);
  }

  /** Rules that are there twice. */
  duplicateRules(): readonly string[] {
    const rules = this.host("iptables-save")
      .split("\n")
      .filter((line) => line.startsWith("-A "));
    return rules.filter((rule, index) => rules.indexOf(rule) !== index);
  }

  /** Removes the host with everything on it. */
  remove(): void {
    for (const file of files(this.path("netns"))) {
      try {
        execFileSync("umount", ["-l", this.path("netns", file)], { stdio: "pipe" });
      } catch {
        // Nothing was mounted on it.
      }
    }
    execFileSync("ip", ["netns", "del", this.name]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Writes a file below the folder of the test. */
  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  makeDir(...parts: readonly string[]): string {
    const dir = this.path(...parts);
    mkdirSync(dir, { recursive: true });
    return dir;
  }
}

const WORKER = resolve("src/testing/host-worker.mjs");

function files(dir: string): readonly string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

function parseAnswer(line: string): Answer {
  const answer = parseJson(line);
  const error = isJsonObject(answer) ? objectAt(answer, "error") : undefined;
  if (!isJsonObject(answer) || error === undefined) return isJsonObject(answer) ? answer : { value: answer };
  return {
    error: {
      code: stringAt(error, "code") ?? "",
      message: stringAt(error, "message") ?? "",
      details: objectAt(error, "details") ?? {},
    },
  };
}
