import { afterAll } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPublished } from "../firewall/find-published.js";
import type { Firewall } from "../firewall/firewall.js";
import type { SavedTable } from "../firewall/saved-rules.js";
import { defaultNetwork } from "../config/default-network.js";
import { Networks } from "../config/networks.js";
import { LeanMode } from "../lean/lean-mode.js";
import { LeanPorts } from "../lean/lean-ports.js";
import { LeanRules } from "../lean/lean-rules.js";
import { Nft } from "../lean/nft.js";
import type { HostLinks } from "../host/host-links.js";
import type { HostFacts } from "../netns/host-facts.js";
import type { Namespaces, NamespaceState } from "../netns/namespaces.js";
import { HostsFiles } from "../names/hosts-files.js";
import type { FoundPlugin, PluginExecutor, PluginInvocation } from "../plugin/executor.js";
import type { ProcessOutcome, RunProcess } from "../plugin/run-process.js";
import { isJsonObject, parseJson, stringAt, type JsonObject } from "../protocol/json.js";
import { CniManager } from "../manager/cni-network-manager.js";
import { createParts } from "../manager/create-network-manager.js";
import type { NetworkManagerOptions } from "../manager/options.js";
import type { ManagerParts } from "../manager/parts.js";

/** A call that a plugin got. */
export interface SeenCall {
  readonly command: string;
  readonly plugin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: JsonObject;
}

/** What a plugin does in a test: answers, or throws. `undefined` is the ordinary answer. */
export type Behaviour = (
  call: SeenCall,
  invocation: PluginInvocation,
) => Partial<ProcessOutcome> | Promise<Partial<ProcessOutcome>> | undefined;

const OUTCOME: ProcessOutcome = { exitCode: 0, signal: null, stdout: "", stderr: "", overflowed: false, durationMs: 0 };

/** Plugins that only say what they were asked. Each ADD passes on the earlier result and adds its name to it. */
export class FakeExecutor implements PluginExecutor {
  readonly calls: SeenCall[] = [];
  readonly missing: Set<string> = new Set();
  versions: Readonly<Record<string, readonly string[]>> = {};
  behaviour: Behaviour = () => undefined;

  find(type: string): Promise<FoundPlugin | undefined> {
    return Promise.resolve(this.missing.has(type) ? undefined : { path: `/bin-of-fakes/${type}`, identity: type });
  }

  async exec(invocation: PluginInvocation): Promise<ProcessOutcome> {
    const plugin = invocation.path.slice(invocation.path.lastIndexOf("/") + 1);
    const command = invocation.env["CNI_COMMAND"] ?? "";
    if (command === "VERSION") {
      const supportedVersions = this.versions[plugin] ?? ["0.4.0", "1.0.0"];
      return { ...OUTCOME, stdout: JSON.stringify({ cniVersion: "1.0.0", supportedVersions }) };
    }
    const stdin = invocation.stdin === "" ? {} : parseJson(invocation.stdin);
    const call = { command, plugin, env: invocation.env, stdin: isJsonObject(stdin) ? stdin : {} };
    this.calls.push(call);
    const special = await this.behaviour(call, invocation);
    if (special !== undefined) return { ...OUTCOME, ...special };
    return command === "ADD" ? { ...OUTCOME, stdout: JSON.stringify(passThrough(call)) } : OUTCOME;
  }

  /** The calls as `COMMAND plugin`. */
  get order(): readonly string[] {
    return this.calls.map(({ command, plugin }) => `${command} ${plugin}`);
  }
}

function passThrough({ stdin, plugin, env }: SeenCall): JsonObject {
  const before = stdin["prevResult"];
  if (isJsonObject(before)) return { ...before, passed: `${stringAt(before, "passed") ?? ""} ${plugin}` };
  const sandbox = env["CNI_NETNS"] ?? "";
  return {
    cniVersion: "1.0.0",
    interfaces: [{ name: "br0" }, { name: env["CNI_IFNAME"] ?? "", mac: "02:00:00:00:00:01", sandbox }],
    ips: [{ address: "10.0.0.2/24", gateway: "10.0.0.1", interface: 1 }],
    passed: plugin,
  };
}

/** The answer of a plugin that fails. */
export function failing(code: number, msg: string): Partial<ProcessOutcome> {
  return { exitCode: 1, stdout: JSON.stringify({ cniVersion: "1.0.0", code, msg }) };
}

/** Namespaces that exist in memory only. */
export class FakeNamespaces implements Namespaces {
  readonly present: Map<string, string> = new Map();
  #counter = 0;

  path(containerId: string): string {
    return `/netns-of-fakes/${containerId}`;
  }
  inspect(path: string): Promise<NamespaceState> {
    const identity = this.present.get(path);
    return Promise.resolve({
      mounted: identity !== undefined,
      exists: identity !== undefined,
      identity: identity ?? "",
    });
  }
  ensure(containerId: string): Promise<string> {
    this.#counter += 1;
    const identity = this.present.get(this.path(containerId)) ?? `4:${String(this.#counter)}`;
    this.present.set(this.path(containerId), identity);
    return Promise.resolve(identity);
  }
  remove(containerId: string): Promise<void> {
    this.present.delete(this.path(containerId));
    return Promise.resolve();
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.present.keys()].map((path) => path.slice(path.lastIndexOf("/") + 1)));
  }
  maker(): Promise<string> {
    return Promise.resolve("");
  }
}

/** A host in its first boot, whose only process is this one. */
export class FakeHost implements HostFacts {
  boot = "boot-1";
  readonly alive: Set<string> = new Set();
  workers: number[][] = [];

  bootId(): Promise<string> {
    return Promise.resolve(this.boot);
  }
  ownNamespace(): Promise<string> {
    return Promise.resolve("4:0");
  }
  self(): Promise<string> {
    return Promise.resolve("1:1");
  }
  isAlive(owner: string): Promise<boolean> {
    return Promise.resolve(this.alive.has(owner));
  }
  isInhabited(): Promise<boolean> {
    return Promise.resolve(false);
  }
  workersOf(): Promise<readonly number[]> {
    return Promise.resolve(this.workers.shift() ?? []);
  }
}

/** A firewall without rules. */
export class FakeFirewall implements Firewall {
  readonly swept: unknown[] = [];
  tables: readonly SavedTable[] = [];

  read(): Promise<readonly SavedTable[]> {
    return Promise.resolve(this.tables);
  }
  sweep(owner: unknown): Promise<readonly string[]> {
    this.swept.push(owner);
    return Promise.resolve([]);
  }
  change(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** A host without interfaces and routes. */
const NO_LINKS: HostLinks = {
  names: () => Promise.resolve([]),
  portsOf: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
  usedSubnets: () => Promise.resolve([]),
};

/** nft on a host on which it is not installed. */
function noNft(): { readonly run: RunProcess; readonly nft: Nft } {
  const run: RunProcess = () => Promise.reject(Object.assign(new Error("spawn nft ENOENT"), { code: "ENOENT" }));
  return { run, nft: new Nft(run) };
}

/** Lean mode on a host on which nft is not installed. */
function leanWithoutNft(
  { locks, logger }: ManagerParts,
  networks: Networks,
  { defaultNetwork: own }: NetworkManagerOptions,
): LeanMode {
  const { run, nft } = noNft();
  return new LeanMode({
    network: defaultNetwork(own),
    rules: new LeanRules(nft, run, locks),
    ports: new LeanPorts(nft),
    lists: () => networks.list(),
    owners: () => Promise.resolve([]),
    logger,
  });
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Is removed when the tests of the file are over. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "voiyd-cni-unit-"));
  folders.push(folder);
  return folder;
}

/** A manager whose plugins, namespaces and host are doubles; its records and configurations are files. */
export class FakeWorld {
  readonly dir: string = makeFolder();
  readonly executor: FakeExecutor = new FakeExecutor();
  readonly namespaces: FakeNamespaces = new FakeNamespaces();
  readonly host: FakeHost = new FakeHost();
  readonly firewall: FakeFirewall = new FakeFirewall();
  readonly parts: ManagerParts;
  readonly manager: CniManager;

  constructor(options: NetworkManagerOptions = {}) {
    const parts = createParts({
      confDir: join(this.dir, "net.d"),
      cacheDir: join(this.dir, "cache"),
      netnsDir: join(this.dir, "netns"),
      defaultNetwork: { ipamDataDir: join(this.dir, "leases") },
      executor: this.executor,
      ...options,
    });
    const { namespaces, host, firewall } = this;
    const own = defaultNetwork({ ipamDataDir: join(this.dir, "leases"), ...options.defaultNetwork });
    const networks = new Networks(join(this.dir, "net.d"), own, parts.logger, () => Promise.resolve([]));
    const lean = leanWithoutNft(parts, networks, options);
    const hosts = new HostsFiles(parts.records, parts.locks, host, parts.logger);
    this.parts = {
      ...parts,
      networks,
      namespaces,
      host,
      hosts,
      firewall,
      findPublished: findPublished({
        nft: noNft().nft,
        firewall,
        legacyNat: () => Promise.resolve([]),
        logger: parts.logger,
      }),
      lean,
      links: NO_LINKS,
      readHost: () => Promise.resolve({ capabilities: { netAdmin: false, sysAdmin: false }, firewalls: [] }),
      sockets: () => Promise.resolve([]),
      random: () => 0,
    };
    this.manager = new CniManager(this.parts);
  }

  /** Writes a configuration list of plugins without an address plugin. */
  writeList(name: string, plugins: readonly JsonObject[], more: JsonObject = {}): void {
    mkdirSync(join(this.dir, "net.d"), { recursive: true });
    writeFileSync(
      join(this.dir, "net.d", `20-${name}.conflist`),
      JSON.stringify({ cniVersion: "1.0.0", name, plugins, ...more }),
    );
  }
}
