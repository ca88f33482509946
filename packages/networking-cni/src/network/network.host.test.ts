import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, type Answer } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: networks as objects on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

describeHost("networks as objects", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  const one = async (...step: readonly [string, ...unknown[]]): Promise<Answer> => (await host.run([step]))[0] ?? {};
  const from = (containerId: string, ...command: readonly string[]): string =>
    host.host("nsenter", `--net=${host.path("netns", containerId)}`, ...command);

  test("one is created, used, inspected, listed, and removed without a trace", async () => {
    const created = await one("createNetwork", { name: "blue", labels: { team: "a" } });
    expect(created.value).toMatchObject({
      name: "blue",
      isOwn: true,
      isDefault: false,
      internal: false,
      plugins: ["bridge", "portmap", "firewall", "tuning"],
      labels: { team: "a" },
      ranges: [{ subnet: "10.70.0.0/24" }, { subnet: expect.stringMatching(/^fd.*\/64$/) }],
      containers: [],
    });
    const file = host.path("net.d", "80-voiyd-blue.conflist");
    expect(created.value).toMatchObject({ file });
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ cniVersion: "1.0.0", name: "blue" });
    expect(readdirSync(host.path("net.d"))).toEqual(["80-voiyd-blue.conflist"]);

    const attached = await one("attach", {
      containerId: "voiyd-a",
      networks: ["blue"],
      portMappings: [{ hostPort: 8080, containerPort: 80 }],
    });
    expect(attached.value).toMatchObject({ interfaces: [{ addresses: [{ address: "10.70.0.2" }, { family: 6 }] }] });
    expect((await one("inspectNetwork", "blue")).value).toMatchObject({ containers: ["voiyd-a"] });
    expect((await one("networks")).value).toMatchObject([{ name: "blue", containers: ["voiyd-a"] }]);

    const refused = await one("removeNetwork", "blue");
    expect(refused.error).toMatchObject({ code: "FAILED_PRECONDITION", details: { users: ["voiyd-a"] } });
    expect(refused.error?.message).toContain("voiyd-a");
    await one("detach", "voiyd-a");
    const bridge = /"bridge": "(.*)"/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    expect(host.host("ip", "-o", "link", "show", "type", "bridge")).toContain(bridge);
    expect(await one("removeNetwork", "blue")).toEqual({ value: null });
    expect(host.host("ip", "-o", "link", "show", "type", "bridge")).toBe("");
    expect(host.host("iptables-save")).not.toContain(bridge);
    expect([existsSync(file), existsSync(host.path("leases", "blue"))]).toEqual([false, false]);
    expect((await one("removeNetwork", "blue")).error?.code).toBe("NETWORK_NOT_FOUND");
    expect(host.inventory()).toEqual([]);
  });

  test("a subnet is chosen free, beside the host's routes and addresses and all other networks", async () => {
    host.host("ip", "link", "add", "up0", "type", "bridge");
    host.host("ip", "addr", "add", "10.70.0.129/25", "dev", "up0");
    host.host("ip", "link", "set", "up0", "up");
    host.host("ip", "route", "add", "10.70.2.0/23", "dev", "up0");
    const answers = await host.run([
      ["createNetwork", { name: "a", ipv6: false }],
      ["createNetwork", { name: "b", ipv6: false }],
    ]);
    expect(answers.map(({ value }) => value)).toMatchObject([
      { ranges: [{ subnet: "10.70.1.0/24" }] },
      { ranges: [{ subnet: "10.70.4.0/24" }] },
    ]);
  });

  test("many that are created at once, by two processes, have different subnets", async () => {
    const part = (letter: string): Promise<readonly Answer[]> =>
      host.run([{ parallel: ["1", "2", "3", "4"].map((n) => ["createNetwork", { name: `${letter}${n}` }] as const) }]);
    const answers = JSON.stringify(await Promise.all([part("a"), part("b")]));
    expect(answers).not.toContain('"error"');
    const listed = await one("networks");
    const subnets = JSON.stringify(listed.value).match(/"subnet":"10\.[^"]*"/g) ?? [];
    expect(new Set(subnets).size).toBe(8);
  });

  test.each([
    ["a route", "10.80.0.0/16", "10.80.1.0/24", "a route of the host"],
    ["the default network", "", "10.99.0.0/25", "the default network voiyd"],
    ["another network", "", "10.81.0.0/16", "network other"],
  ])("a subnet that overlaps %s is refused, and a free one proposed", async (_, route, subnet, by) => {
    if (route !== "") {
      host.host("ip", "link", "add", "up0", "type", "bridge");
      host.host("ip", "link", "set", "up0", "up");
      host.host("ip", "route", "add", route, "dev", "up0");
    }
    await one("createNetwork", { name: "other", subnet: "10.81.3.0/24" });
    const { error } = await one("createNetwork", { name: "blue", subnet });
    expect(error).toMatchObject({
      code: "FAILED_PRECONDITION",
      details: { reason: "subnet-overlap", subnet, usedBy: expect.stringContaining(by), proposed: "10.70.0.0/24" },
    });
    expect(existsSync(host.path("net.d", "80-voiyd-blue.conflist"))).toBe(false);
    const proposed = await one("createNetwork", { name: "blue", subnet: "10.70.0.0/24", gateway: "10.70.0.254" });
    expect(proposed.value).toMatchObject({ ranges: [{ subnet: "10.70.0.0/24", gateway: "10.70.0.254" }, {}] });
  });

  test("of an internal network nothing outside can be reached, but its own containers can", async () => {
    await one("createNetwork", {
      name: "inner",
      internal: true,
      ipv6: false,
      subnet: "10.82.0.0/24",
      bridge: "inner0",
    });
    const [a, b] = await host.run([
      ["attach", { containerId: "voiyd-a", networks: ["inner"] }],
      ["attach", { containerId: "voiyd-b", networks: ["inner"] }],
    ]);
    expect([a?.error, b?.error]).toEqual([undefined, undefined]);
    const portMappings = [{ hostPort: 8080, containerPort: 80 }];
    const published = await one("attach", { containerId: "voiyd-c", networks: ["inner"], portMappings });
    expect(published.error).toMatchObject({ code: "INVALID_ARGUMENT", details: { network: "inner" } });
    expect(from("voiyd-a", "ip", "route", "show", "default")).toBe("");
    expect(() => from("voiyd-a", "ip", "route", "get", "192.0.2.1")).toThrow(/unreachable/);
    expect(from("voiyd-a", "ip", "route", "get", "10.82.0.3")).toContain("dev eth0");
    expect(host.host("iptables-save", "-t", "nat")).not.toContain("MASQUERADE");
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
      ["removeNetwork", "inner"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("what is no network is refused before anything is written, and an operator's is not removed", async () => {
    host.write("net.d/20-theirs.conflist", JSON.stringify({ name: "theirs", plugins: [{ type: "loopback" }] }));
    const answers = await host.run([
      ["createNetwork", { name: "no/slash" }],
      ["createNetwork", { name: "default" }],
      ["createNetwork", { name: "theirs" }],
      ["createNetwork", { name: "x", subnet: "10.83.0.0/31" }],
      ["createNetwork", { name: "x", subnet: "10.83.0.0/24", gateway: "10.84.0.1" }],
      ["createNetwork", { name: "x", subnet: "10.83.0.0/24", gateway: "10.83.0.255" }],
      ["createNetwork", { name: "x", gateway: "10.83.0.1" }],
      ["createNetwork", { name: "x", bridge: "much-too-long-a-name" }],
      ["createNetwork", { name: "x", ipv6: "10.83.0.0/24" }],
      ["removeNetwork", "theirs"],
      ["removeNetwork", "default"],
      ["inspectNetwork", "nobody"],
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([
      "INVALID_ARGUMENT",
      "ALREADY_EXISTS",
      "ALREADY_EXISTS",
      ...Array.from({ length: 6 }, () => "INVALID_ARGUMENT"),
      "FAILED_PRECONDITION",
      "FAILED_PRECONDITION",
      "NETWORK_NOT_FOUND",
    ]);
    expect(readdirSync(host.path("net.d")).filter((name) => name.startsWith("80-"))).toEqual([]);
  });
});
