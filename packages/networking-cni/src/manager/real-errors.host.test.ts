import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { NetworkManagerOptions } from "./options.js";
import { HostSandbox, hostTestObstacle, pluginDir, type Answer } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: what real plugins complain of: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(120_000);

// Plugins answer nearly everything with code 999, so their messages tell what it was. These are provoked, so that a
// release that words one of them in another way is noticed.
describeHost("what the installed plugins complain of", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  /** Folders whose plugin runs these lines of a shell first; `$real` is the plugin itself. */
  function withPlugin(plugin: string, ...lines: readonly string[]): NetworkManagerOptions {
    const [first, rest] = [host.makeDir("first"), host.makeDir("rest")];
    const real = pluginDir() ?? "";
    for (const each of readdirSync(real)) symlinkSync(join(real, each), join(rest, each));
    const script = ["#!/bin/sh", `real='${join(real, plugin)}'`, ...lines, 'exec "$real"'];
    writeFileSync(join(first, plugin), `${script.join("\n")}\n`);
    chmodSync(join(first, plugin), 0o755);
    return { binDirs: [first, rest] };
  }

  function writeList(...plugins: readonly object[]): void {
    mkdirSync(host.path("net.d"), { recursive: true });
    const list = { cniVersion: "1.0.0", name: "net", plugins };
    writeFileSync(host.path("net.d", "20-net.conflist"), JSON.stringify(list));
  }

  const bridge = (subnet: string): object => ({
    type: "bridge",
    bridge: "vtest1",
    isGateway: true,
    capabilities: { ips: true },
    ipam: { type: "host-local", subnet, dataDir: host.path("leases") },
  });

  async function attach(request: object, options: NetworkManagerOptions = {}): Promise<Answer> {
    const [answer] = await host.run([["attach", { containerId: "voiyd-a", ...request }]], options);
    return answer ?? {};
  }

  /** Nothing is left but the namespace, which goes with the detach. */
  async function expectNothingLeft(): Promise<void> {
    expect((await host.run([["detach", "voiyd-a"]]))[0]).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  }

  test("addresses are exhausted: how many there are, and how many of them nobody has", async () => {
    writeList(bridge("10.97.0.0/29"));
    const ids = ["b", "c", "d"].map((id) => `voiyd-${id}`);
    await host.run(ids.map((containerId) => ["attach", { containerId, networks: ["net"] }] as const));
    for (const last of [5, 6]) writeFileSync(host.path("leases", "net", `10.97.0.${String(last)}`), "gone\r\neth0");
    const { error } = await attach({ networks: ["net"] });
    expect(error).toMatchObject({
      code: "NETWORK_ADDRESSES_EXHAUSTED",
      details: {
        reason: "addresses-exhausted",
        subnet: "10.97.0.0/29",
        used: 5,
        total: 5,
        reclaimable: 2,
        cniCode: 999,
      },
    });
    await host.run([["gc", ids]]);
    expect((await attach({ networks: ["net"] })).error).toBeUndefined();
    await host.run(["voiyd-a", ...ids].map((id) => ["detach", id] as const));
    expect(host.inventory()).toEqual([]);
  });

  test("a fixed address is another container's, or the gateway's", async () => {
    writeList(bridge("10.97.0.0/24"));
    await host.run([["attach", { containerId: "voiyd-b", networks: [{ name: "net", ips: ["10.97.0.9"] }] }]]);
    for (const ip of ["10.97.0.9", "10.97.0.1"]) {
      const { error } = await attach({ networks: [{ name: "net", ips: [ip] }] });
      expect(error).toMatchObject({
        code: "NETWORK_SETUP_FAILED",
        details: { reason: "address-unavailable", retryable: false, plugin: "bridge", network: "net" },
      });
    }
    await host.run([["detach", "voiyd-b"]]);
    await expectNothingLeft();
  });

  test("an address that an earlier life of the container has is freed, and the attach succeeds", async () => {
    await host.run([
      ["attach", { containerId: "voiyd-b" }],
      ["detach", "voiyd-b"],
    ]);
    writeFileSync(host.path("leases", "voiyd", "10.99.0.77"), "voiyd-a\r\neth0");
    expect((await attach({})).error).toBeUndefined();
    await expectNothingLeft();
  });

  test("an interface that an earlier life of the container has is removed, and the attach succeeds", async () => {
    await host.run([["prepare", "voiyd-a"]]);
    host.host("nsenter", `--net=${host.path("netns", "voiyd-a")}`, "ip", "link", "add", "eth0", "type", "veth");
    expect((await attach({})).error).toBeUndefined();
    await expectNothingLeft();
  });

  test("iptables is missing", async () => {
    const { error } = await attach({}, withPlugin("firewall", "PATH=/nowhere; export PATH"));
    expect(error).toMatchObject({
      code: "NETWORK_SETUP_FAILED",
      details: { reason: "tool-missing", retryable: false, plugin: "firewall" },
    });
    await expectNothingLeft();
  });

  test("another program owns a table that iptables needs", async () => {
    host.host("nft", "add table ip nat; add chain ip nat POSTROUTING { type nat hook postrouting priority 5; }");
    const { error } = await attach({});
    expect(error).toMatchObject({ details: { reason: "firewall-backend", retryable: false, plugin: "bridge" } });
    host.host("nft", "delete table ip nat");
    await expectNothingLeft();
  });

  test("the bridge is there with another subnet", async () => {
    host.host("ip", "link", "add", "vtest1", "type", "bridge");
    host.host("ip", "address", "add", "10.96.0.1/24", "dev", "vtest1");
    writeList(bridge("10.97.0.0/24"));
    const { error } = await attach({ networks: ["net"] });
    expect(error).toMatchObject({ details: { reason: "bridge-conflict", retryable: false, plugin: "bridge" } });
    await expectNothingLeft();
  });

  test("the daemon for DHCP does not run", async () => {
    writeList({ type: "bridge", bridge: "vtest1", ipam: { type: "dhcp" } });
    const { error } = await attach({ networks: ["net"] });
    expect(error).toMatchObject({ details: { reason: "plugin-unavailable", retryable: true } });
    // Its DEL needs the daemon too: that is told, and the record stays until it has been.
    const [detached] = await host.run([["detach", "voiyd-a"]]);
    expect(detached?.error?.code).toBe("NETWORK_TEARDOWN_FAILED");
  });

  test("the namespace is none", async () => {
    const gone = withPlugin("bridge", '[ "$CNI_COMMAND" = ADD ] && CNI_NETNS=/nowhere', "export CNI_NETNS");
    const { error } = await attach({}, gone);
    expect(error).toMatchObject({ details: { reason: "namespace-invalid", retryable: false, plugin: "bridge" } });
    await expectNothingLeft();
  });
});
