import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, type Answer } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: status on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

describeHost("status on a real host", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  const one = async (...step: readonly [string, ...unknown[]]): Promise<Answer> => (await host.run([step]))[0] ?? {};

  test("says of each network whether it can work, and with what", async () => {
    const missing = { cniVersion: "1.0.0", name: "missing", plugins: [{ type: "bridge" }, { type: "no-such" }] };
    host.write("net.d/20-missing.conflist", JSON.stringify(missing));
    host.write("net.d/30-bad.conflist", "{");
    await host.run([
      ["attach", { containerId: "voiyd-a" }],
      ["attach", { containerId: "voiyd-b" }],
    ]);
    const { value } = await one("status");
    const count = { adding: 0, attached: 2, deleting: 0, broken: 0, foreign: 0 };
    const plugin = { status: expect.stringMatching(/^(unasked|ready)$/), path: expect.stringMatching(/^\//) };
    expect(value).toMatchObject({
      host: {
        capabilities: { netAdmin: true, sysAdmin: true },
        firewalls: [
          { tool: "iptables", backend: expect.stringMatching(/^(nft|legacy)$/), mixed: false },
          { tool: "ip6tables" },
          { tool: "nft", version: expect.stringMatching(/^\d/) },
        ],
      },
      networks: [
        {
          name: "voiyd",
          ready: true,
          version: expect.stringMatching(/^1\.\d\.0$/),
          plugins: [
            { ...plugin, type: "bridge", isIpam: false, versions: expect.arrayContaining(["1.0.0"]) },
            { ...plugin, type: "portmap" },
            { ...plugin, type: "firewall" },
            { ...plugin, type: "tuning" },
            { ...plugin, type: "host-local", isIpam: true },
          ],
          addresses: [{ subnet: "10.99.0.0/24", total: 253, free: 251 }, { subnet: expect.stringMatching(/^fd/) }],
          attachments: count,
          primed: true,
          primedForPorts: false,
        },
        {
          name: "missing",
          ready: false,
          problem: "missing plugins: no-such",
          plugins: [{ type: "bridge" }, { type: "no-such", status: "missing", versions: [] }],
          addresses: [],
        },
      ],
      problems: [{ file: host.path("net.d", "30-bad.conflist"), message: expect.stringContaining("JSON") }],
    });
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("prime makes what is shared, once, and leaves nothing else", async () => {
    expect(await one("prime")).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
    expect(host.host("iptables-save", "-t", "nat")).toContain("CNI-HOSTPORT-DNAT");
    expect(host.host("ip", "-o", "link", "show", "type", "bridge")).toContain("vtest0");
    expect((await one("status")).value).toMatchObject({
      networks: [{ primed: true, primedForPorts: true, attachments: { attached: 0 } }],
    });
    // With nothing to make, not even a plugin is needed.
    host.host("ip", "link", "del", "vtest0");
    expect(await one("prime", "voiyd")).toEqual({ value: null });
    expect(host.host("ip", "-o", "link", "show", "type", "bridge")).toBe("");
    expect((await one("prime", "nobody")).error?.code).toBe("NETWORK_NOT_FOUND");
  });

  test("eight at once after prime make no rule twice, and a network that has gone is primed anew", async () => {
    await host.run([
      ["createNetwork", { name: "blue" }],
      ["prime", "blue"],
    ]);
    const ids = Array.from({ length: 8 }, (_, index) => `voiyd-${String(index)}`);
    const attaches = ids.map((containerId) => ["attach", { containerId, networks: ["blue"] }] as const);
    expect(JSON.stringify(await host.run([{ parallel: attaches }]))).not.toContain('"error"');
    expect(host.duplicateRules()).toEqual([]);
    await host.run([{ parallel: ids.map((id) => ["detach", id] as const) }, ["removeNetwork", "blue"]]);
    expect(existsSync(host.path("cache", "voiyd-primed", "blue"))).toBe(false);
    expect(host.inventory()).toEqual([]);
  });
});
