import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { isJsonObject, parseJson, without } from "../protocol/json.js";
import { HostSandbox, hostTestObstacle, pluginDir, type Answer } from "../testing/host-sandbox.js";
import { bandwidthInterface } from "./collect-interfaces.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: gc on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

const NOTHING = { attachments: [], leases: [], rules: [], ports: [], namespaces: [], interfaces: [], failed: [] };
const attach = (containerId: string, hostPort: number): readonly [string, unknown] => [
  "attach",
  { containerId, portMappings: [{ hostPort, containerPort: 80 }] },
];

describeHost.each(["plugins", "lean"] as const)("gc in mode %s", (mode) => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox({}, mode);
  });
  afterEach(() => host.remove());

  const gc = async (valid: readonly unknown[], options: unknown = {}): Promise<Answer> => {
    const [answer] = await host.run([["gc", valid, options]]);
    return answer ?? {};
  };
  const recordOf = (id: string): string => host.path("cache", "results", `voiyd-${id}-eth0`);
  /** As if nobody had ever recorded it, and its namespace were gone. */
  const forget = (id: string): void => {
    rmSync(recordOf(id));
    execFileSync("umount", ["-l", host.path("netns", id)]);
    rmSync(host.path("netns", id));
    rmSync(host.path("netns-makers", id));
  };

  const veths = (): number => host.inventory().filter((entry) => /^\d+: veth/.test(entry)).length;

  test("a dry run says what the next one removes, and removes nothing; what is valid stays", async () => {
    await host.run([attach("voiyd-a", 8080), attach("voiyd-b", 8081), attach("voiyd-c", 8082), ["prepare", "voiyd-d"]]);
    forget("voiyd-c");
    // The kernel takes a namespace's interfaces away when it comes to it.
    for (let look = 0; look < 100 && veths() > 2; look++) await sleep(50);
    const before = host.inventory();
    const dry = await gc(["voiyd-a"], { dryRun: true });
    expect(host.inventory()).toEqual(before);
    expect(dry.value).toMatchObject({
      dryRun: true,
      attachments: [{ containerId: "voiyd-b", ifName: "eth0", network: "voiyd" }],
      namespaces: ["voiyd-d"],
      interfaces: [],
      failed: [],
    });
    const found = JSON.stringify(dry.value);
    expect(found).toContain('"containerId":"voiyd-c"');
    if (mode === "lean") expect(found).toMatch(/"ports":\["[^\]]*8082/);
    else expect(found).toMatch(/"rules":\["-D [^\]]*id: \\\\\\"voiyd-c/);

    const wet = await gc(["voiyd-a"]);
    const outcomes = [dry, wet].map(({ value }) => (isJsonObject(value) ? without(value, "dryRun", "plugins") : value));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(await host.run([["check", "voiyd-a"]])).toEqual([{ value: null }]);
    expect((await gc(["voiyd-a"])).value).toMatchObject(NOTHING);
    expect(host.inventory().length).toBeGreaterThan(0);
    expect(host.inventory().filter((line) => /voiyd-[bcd]\b|808[12]/.test(line))).toEqual([]);
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("what other programs have recorded stays until it is asked for", async () => {
    await host.run([attach("voiyd-a", 8080), attach("other-b", 8081)]);
    const record = parseJson(readFileSync(recordOf("other-b"), "utf8"));
    writeFileSync(recordOf("other-b"), JSON.stringify(isJsonObject(record) ? without(record, "voiyd") : {}));
    const chain = "CNI-0123456789abcdef01234567";
    host.host("iptables", "-t", "nat", "-N", chain);
    const comment = 'name: "theirs" id: "their-c"';
    const rule = ["-s", "10.98.0.2/32", "-m", "comment", "--comment", comment, "-j", chain];
    host.host("iptables", "-t", "nat", "-A", "POSTROUTING", ...rule);
    host.write("leases/theirs/10.98.0.2", "their-c\r\neth0");
    host.host("ip", "link", "add", "bwp0123456789ab", "type", "ifb");

    const [before, { value }] = [host.inventory(), await gc(["voiyd-a"])];
    expect(value).toMatchObject(NOTHING);
    expect(host.inventory()).toEqual(before);
    const foreign = await gc(["voiyd-a"], { includeForeign: true });
    expect(foreign.value).toMatchObject({ ...NOTHING, attachments: [{ containerId: "other-b" }] });
    expect(host.host("iptables-save", "-t", "nat")).toContain(comment.replaceAll('"', '\\"'));
    expect(existsSync(host.path("leases", "theirs", "10.98.0.2"))).toBe(true);
    expect(host.host("ip", "link", "show", "bwp0123456789ab")).toContain("bwp0123456789ab");
    host.host("iptables", "-t", "nat", "-F", "POSTROUTING");
    host.host("iptables", "-t", "nat", "-X", chain);
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("an empty list is taken for a mistake, and young attachments are left alone", async () => {
    await host.run([attach("voiyd-a", 8080)]);
    expect((await gc([])).error?.code).toBe("INVALID_ARGUMENT");
    expect((await gc([], { allowEmpty: true, minAgeMs: 600_000 })).value).toMatchObject(NOTHING);
    expect((await host.run([["check", "voiyd-a"]]))[0]?.error).toBeUndefined();
    expect((await gc([], { allowEmpty: true })).value).toMatchObject({ attachments: [{ containerId: "voiyd-a" }] });
    expect(host.inventory()).toEqual([]);
  });

  test("it waits for an attach of another process, and comes after it", async () => {
    const [real, dir] = [pluginDir() ?? "", host.makeDir("bin")];
    for (const plugin of readdirSync(real)) if (plugin !== "bridge") symlinkSync(join(real, plugin), join(dir, plugin));
    const [begun, go] = [host.path("begun"), host.path("go")];
    const wait = `[ "$CNI_COMMAND" = ADD ] && { : > ${begun}; while [ ! -e ${go} ]; do sleep 0.02; done; }`;
    writeFileSync(join(dir, "bridge"), `#!/bin/sh\n${wait}\nexec ${join(real, "bridge")}\n`, { mode: 0o755 });
    const attaching = host.run([attach("voiyd-a", 8080)], { binDirs: [dir] });
    while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 10));
    const collector = host.start([["gc", [], { allowEmpty: true }]]);
    const lines: string[] = [];
    collector.stdout.on("data", (chunk: Buffer) => lines.push(chunk.toString("utf8")));
    await once(collector.stdout, "data");
    writeFileSync(go, "");
    const [attached] = await attaching;
    expect(attached?.error).toBeUndefined();
    await once(collector, "close");
    expect(lines.join("")).toContain('"attachments":[{"containerId":"voiyd-a"');
    expect(host.inventory()).toEqual([]);
  });
});

describeHost("gc of what plugins beside the default ones leave", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  test("the interface of the bandwidth plugin goes, once it is known whose it was", async () => {
    const rates = { ingressRate: 1e6, ingressBurst: 1e6, egressRate: 1e6, egressBurst: 1e6 };
    const ipam = { type: "host-local", ranges: [[{ subnet: "10.98.0.0/24" }]], dataDir: host.path("leases") };
    const plugins = [
      { type: "bridge", bridge: "vtest1", isGateway: true, ipam },
      { type: "bandwidth", ...rates },
    ];
    host.write("net.d/20-slow.conflist", JSON.stringify({ cniVersion: "1.0.0", name: "slow", plugins }));
    const [first, second] = await host.run([
      ["attach", { containerId: "voiyd-a", networks: ["slow"] }],
      ["attach", { containerId: "voiyd-b", networks: ["slow"] }],
    ]);
    expect([first?.error, second?.error]).toEqual([undefined, undefined]);
    const device = bandwidthInterface("slow", "voiyd-b");
    expect(host.host("ip", "link", "show", device)).toContain(device);
    rmSync(host.path("cache", "results", "slow-voiyd-b-eth0"));
    const [collected] = await host.run([["gc", ["voiyd-a"], {}]]);
    expect(collected?.value).toMatchObject({ interfaces: [device], leases: [{ containerId: "voiyd-b" }], failed: [] });
    expect(host.host("ip", "-o", "link", "show", "type", "ifb").match(/bwp/g)).toHaveLength(1);
    await host.run([["detach", "voiyd-a"]]);
    expect(host.host("ip", "-o", "link", "show", "type", "ifb")).not.toContain("bwp");
  });
});
