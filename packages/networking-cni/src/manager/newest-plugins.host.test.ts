import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { isJsonObject, parseJson, stringsAt } from "../protocol/json.js";
import { HostSandbox, hostTestObstacle, pluginDir, type Answer } from "../testing/host-sandbox.js";

const TYPES = ["bridge", "host-local", "portmap", "firewall", "tuning"];
const obstacle = hostTestObstacle() ?? tooOld();
if (obstacle !== undefined) process.stderr.write(`skipped: plugins of CNI 1.1.0: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(120_000);

/** Why the plugins cannot do what is tested here; `undefined` when they can. */
function tooOld(): string | undefined {
  const old = TYPES.filter((type) => !versionsOf(type).includes("1.1.0"));
  if (old.length === 0) return undefined;
  return `${old.join(", ")} in ${pluginDir() ?? ""} end before it (VOIYD_CNI_PLUGINS names another folder)`;
}

function versionsOf(type: string): readonly string[] {
  const env = { CNI_COMMAND: "VERSION" };
  const said = parseJson(
    execFileSync(join(pluginDir() ?? "", type), { env, input: '{"cniVersion":"1.0.0"}', encoding: "utf8" }),
  );
  return isJsonObject(said) ? stringsAt(said, "supportedVersions") : [];
}

describeHost("real plugins of CNI 1.1.0", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
    const dataDir = host.path("leases");
    const list = {
      cniVersion: "1.0.0",
      cniVersions: ["0.4.0", "1.0.0", "1.1.0"],
      name: "newest",
      plugins: [
        {
          type: "bridge",
          bridge: "vtest1",
          isGateway: true,
          ipMasq: true,
          ipam: { type: "host-local", ranges: [[{ subnet: "10.97.0.0/24" }]], dataDir },
        },
        { type: "portmap", capabilities: { portMappings: true } },
        { type: "firewall", ingressPolicy: "same-bridge" },
        { type: "tuning" },
      ],
    };
    host.write("net.d/20-newest.conflist", JSON.stringify(list));
  });
  afterEach(() => host.remove());

  const attach = (containerId: string, hostPort: number): readonly [string, unknown] => [
    "attach",
    { containerId, networks: ["newest"], portMappings: [{ hostPort, containerPort: 80 }] },
  ];
  const run = async (...step: readonly [string, ...unknown[]]): Promise<Answer> => (await host.run([step]))[0] ?? {};

  test("are spoken to in 1.1.0, and everything of theirs can be undone", async () => {
    const [attached, checked] = await host.run([attach("voiyd-a", 8080), ["check", "voiyd-a"]]);
    expect([attached?.error, checked?.error]).toEqual([undefined, undefined]);
    const record = readFileSync(host.path("cache", "results", "newest-voiyd-a-eth0"), "utf8");
    expect(parseJson(record)).toMatchObject({ result: { cniVersion: "1.1.0" } });
    expect((await run("detach", "voiyd-a")).error).toBeUndefined();
    expect(host.inventory()).toEqual([]);
  });

  test("answer STATUS, and what they say of a network that cannot work is told", async () => {
    const broken = {
      cniVersion: "1.1.0",
      name: "broken",
      plugins: [{ type: "bridge", bridge: "vtest2", mtu: "large" }],
    };
    host.write("net.d/30-broken.conflist", JSON.stringify(broken));
    const { value } = await run("status");
    const ready = (type: string): unknown => ({ type, status: "ready", versions: expect.arrayContaining(["1.1.0"]) });
    expect(value).toMatchObject({
      networks: [
        {
          name: "newest",
          version: "1.1.0",
          ready: true,
          plugins: [...["bridge", "portmap", "firewall", "tuning"].map(ready), { type: "host-local" }],
          quirks: [],
        },
        {
          name: "broken",
          version: "1.1.0",
          ready: false,
          plugins: [{ status: "failed", message: expect.stringContaining("failed to load netconf") }],
        },
      ],
    });
  });

  test("answer GC with what stays, and nothing is left of what went", async () => {
    await host.run([attach("voiyd-a", 8080), attach("voiyd-b", 8081)]);
    const { value, error } = await run("gc", ["voiyd-a"]);
    expect(error).toBeUndefined();
    const collected = (plugin: string): unknown => ({ network: "newest", plugin, outcome: "collected" });
    expect(value).toMatchObject({
      attachments: [{ containerId: "voiyd-b", ifName: "eth0", network: "newest" }],
      plugins: ["bridge", "portmap", "firewall", "tuning"].map(collected),
      failed: [],
    });
    expect((await run("check", "voiyd-a")).error).toBeUndefined();
    expect(host.inventory().filter((line) => line.includes("voiyd-b"))).toEqual([]);
    await run("detach", "voiyd-a");
    expect(host.inventory()).toEqual([]);
  });
});
