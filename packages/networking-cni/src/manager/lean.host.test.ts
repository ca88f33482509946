import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { PortMapping } from "@voiyd/runtime-api";
import type { NetworkManagerOptions } from "./options.js";
import { HostSandbox, hostTestObstacle, type Answer, type Step } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: lean mode on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

const TCP = "require('net').createServer((s) => s.end('hello')).listen(80, '0.0.0.0', () => console.log('up'))";
const UDP =
  "const u = require('dgram').createSocket('udp4'); u.on('message', (m, r) => u.send('hello', r.port, r.address));" +
  "u.bind(53, () => console.log('up'))";
const ASK_TCP =
  "const c = require('net').connect(process.argv[2], process.argv[1]);" +
  "c.on('error', (e) => console.log(e.code)).on('data', (d) => console.log(String(d))).setTimeout(1500, () => { console.log('silence'); c.destroy(); })";
const ASK_UDP =
  "const u = require('dgram').createSocket('udp4'); u.on('message', (m) => { console.log(String(m)); u.close(); });" +
  "u.send('?', Number(process.argv[2]), process.argv[1])";

describeHost("lean mode on a real host", () => {
  let host: HostSandbox;
  let servers: ChildProcess[] = [];
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => {
    for (const server of servers) server.kill("SIGKILL");
    servers = [];
    host.remove();
  });

  function lean(mode: "auto" | "lean" | "plugins" = "lean"): NetworkManagerOptions {
    return { defaultNetwork: { ...host.options.defaultNetwork, mode } };
  }
  function run(steps: readonly Step[], options: NetworkManagerOptions = lean()): Promise<readonly Answer[]> {
    return host.run(steps, options);
  }
  function attach(containerId: string, ...portMappings: readonly PortMapping[]): Step {
    return ["attach", { containerId, portMappings }];
  }
  async function serve(containerId: string, program: string): Promise<void> {
    const args = [`--net=${host.path("netns", containerId)}`, process.execPath, "-e", program];
    const server = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
    servers.push(server);
    await once(server.stdout, "data");
  }
  /** Asks from the host, or from a container. */
  function ask(address: string, port: number, from?: string, program = ASK_TCP): string {
    const inside = from === undefined ? [] : ["nsenter", `--net=${host.path("netns", from)}`];
    const [file, ...args] = [...inside, process.execPath, "-e", program, address, String(port)];
    return host.host(file, ...args).trim();
  }
  async function detachAll(...ids: readonly string[]): Promise<void> {
    const detached = await run(ids.map((id) => ["detach", id] as const));
    expect(detached).toEqual(ids.map(() => ({ value: null })));
    expect(host.inventory()).toEqual([]);
  }

  test("a published port answers everybody, and no rule is made for a container", async () => {
    const [first] = await run([attach("voiyd-b")]);
    expect(first?.error).toBeUndefined();
    const before = host.host("nft", "list", "ruleset", "inet");
    const [second] = await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    expect(second?.value).toMatchObject({ ports: [{ hostPort: 8080 }] });
    const after = host.host("nft", "list", "ruleset", "inet").split("\n");
    const kept = before.split("\n").map((line) => line.trim().replace(/ packets.*bytes \d+/, ""));
    const added = after.filter((line) => !kept.includes(line.trim().replace(/ packets.*bytes \d+/, "")));
    expect(added.every((line) => line.includes("elements = {"))).toBe(true);
    expect(added.length).toBeGreaterThan(0);

    await serve("voiyd-a", TCP);
    const addresses = ["127.0.0.1", "10.99.0.1"];
    expect(addresses.map((address) => ask(address, 8080))).toEqual(["hello", "hello"]);
    expect(ask("10.99.0.1", 8080, "voiyd-b")).toBe("hello");
    expect(ask("10.99.0.1", 8080, "voiyd-a")).toBe("hello");
    expect((await run([["check", "voiyd-a"]])).map(({ error }) => error)).toEqual([undefined]);
    await detachAll("voiyd-a", "voiyd-b");
    expect(ask("127.0.0.1", 8080)).toBe("ECONNREFUSED");
  });

  test("udp and one host address are published as asked for", async () => {
    await run([
      attach(
        "voiyd-a",
        { hostPort: 5353, containerPort: 53, protocol: "udp" },
        { hostPort: 8080, containerPort: 80, hostIp: "127.0.0.1" },
      ),
    ]);
    await serve("voiyd-a", UDP);
    await serve("voiyd-a", TCP);
    expect(ask("127.0.0.1", 5353, undefined, ASK_UDP)).toBe("hello");
    expect(ask("127.0.0.1", 8080)).toBe("hello");
    expect(ask("10.99.0.1", 8080)).toBe("ECONNREFUSED");
    await detachAll("voiyd-a");
  });

  test("containers reach what is beyond the host, by its address, even where FORWARD drops", async () => {
    host.host("iptables", "-P", "FORWARD", "DROP");
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    // Something beyond: a namespace behind a link of its own, which knows no way to the container.
    host.host("ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth9");
    const beyond = "voiyd-beyond";
    await host.run([["prepare", beyond]]);
    host.host("ip", "link", "set", "eth9", "netns", host.path("netns", beyond));
    host.host("ip", "addr", "add", "192.168.77.1/24", "dev", "up0");
    host.host("ip", "link", "set", "up0", "up");
    const inside = ["nsenter", `--net=${host.path("netns", beyond)}`, "ip"] as const;
    host.host(...inside, "addr", "add", "192.168.77.2/24", "dev", "eth9");
    host.host(...inside, "link", "set", "eth9", "up");
    await serve(beyond, TCP);
    await serve("voiyd-a", TCP);
    expect(ask("192.168.77.2", 80, "voiyd-a")).toBe("hello");
    expect(ask("192.168.77.1", 8080, beyond)).toBe("hello");
    host.host("ip", "link", "del", "up0");
    await detachAll("voiyd-a", beyond);
  });

  test("networks are kept apart, in both directions, whichever came first", async () => {
    const other = { type: "bridge", bridge: "vtest1", isGateway: true, ipMasq: true };
    const ipam = { type: "host-local", ranges: [[{ subnet: "10.99.1.0/24" }]], dataDir: host.path("leases") };
    const plugins = [
      { ...other, ipam: { ...ipam, routes: [{ dst: "0.0.0.0/0" }] } },
      { type: "firewall", ingressPolicy: "same-bridge" },
    ];
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    host.write("net.d/20-other.conflist", JSON.stringify({ cniVersion: "1.0.0", name: "other", plugins }));
    const [attached] = await run([["attach", { containerId: "voiyd-o", networks: ["other"] }]]);
    expect(attached?.error).toBeUndefined();
    await serve("voiyd-a", TCP);
    await serve("voiyd-o", TCP);
    expect(ask("10.99.0.2", 80, "voiyd-o")).toBe("silence");
    expect(ask("10.99.1.2", 80, "voiyd-a")).toBe("silence");
    expect(ask("10.99.1.2", 80)).toBe("hello");
    await detachAll("voiyd-a", "voiyd-o");
  });

  test("a container cannot reach what listens on the host's 127.0.0.1", async () => {
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    expect(readFileSync("/proc/sys/net/ipv4/conf/lo/route_localnet", "utf8").trim()).toBe("0");
    expect(host.host("cat", "/proc/sys/net/ipv4/conf/vtest0/route_localnet").trim()).toBe("1");
    expect(host.host("nft", "list", "chain", "inet", "voiyd-vtest0", "martians")).toContain("127.0.0.0/8 drop");
    await detachAll("voiyd-a");
  });

  test("of two processes that race for a port exactly one gets it", async () => {
    const want = { hostPort: 8080, containerPort: 80 };
    const answers = (await Promise.all(["voiyd-a", "voiyd-b"].map((id) => run([attach(id, want)])))).flat();
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
    const winner = answers[0]?.error === undefined ? "voiyd-a" : "voiyd-b";
    const loser = answers.find(({ error }) => error !== undefined);
    expect(loser?.error).toMatchObject({ code: "PORT_IN_USE", details: { owner: `container ${winner}` } });
    await detachAll("voiyd-a", "voiyd-b");
  });

  test.each([
    ["every address", "one", {}, { hostIp: "127.0.0.1" }],
    ["one address", "every one", { hostIp: "127.0.0.1" }, {}],
    ["every address", "every one", {}, {}],
  ])("a manager that shares no records cannot take a port: %s, then %s", async (_, __, first, second) => {
    const want = { hostPort: 8080, containerPort: 80 };
    const [one] = await run([attach("voiyd-a", { ...want, ...first })]);
    expect(one?.error).toBeUndefined();
    const [two] = await run([attach("voiyd-b", { ...want, ...second })], { ...lean(), cacheDir: host.path("cache2") });
    expect(two?.error).toMatchObject({ code: "PORT_IN_USE", details: { owner: "container voiyd-a", port: 8080 } });
    await run([["detach", "voiyd-b"]], { ...lean(), cacheDir: host.path("cache2") });
    await serve("voiyd-a", TCP);
    expect(ask("127.0.0.1", 8080)).toBe("hello");
    await detachAll("voiyd-a");
  });

  test("sixteen first attaches at once, by two processes", async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `voiyd-${String(index)}`);
    const part = (from: number): Promise<readonly Answer[]> =>
      run([
        {
          parallel: ids
            .slice(from, from + 8)
            .map((id, index) => attach(id, { hostPort: 9000 + from + index, containerPort: 80 })),
        },
      ]);
    const answers = JSON.stringify(await Promise.all([part(0), part(8)]));
    expect(answers).not.toContain('"error"');
    expect(new Set(answers.match(/10\.99\.0\.\d+(?=","prefixLength)/g)).size).toBe(16);
    expect(host.duplicateRules()).toEqual([]);
    expect(JSON.stringify(await run([{ parallel: ids.map((id) => ["detach", id] as const) }]))).not.toContain(
      '"error"',
    );
    expect(host.inventory()).toEqual([]);
  });

  test("after `nft flush ruleset` the next attach, or recover, brings back what was published", async () => {
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    await serve("voiyd-a", TCP);
    for (const mend of [attach("voiyd-b"), ["recover", {}] as const]) {
      host.host("nft", "flush", "ruleset");
      expect((await run([["check", "voiyd-a"]]))[0]?.error?.message).toContain("8080/tcp is not published any more");
      await run([mend]);
      expect(ask("127.0.0.1", 8080)).toBe("hello");
    }
    await detachAll("voiyd-a", "voiyd-b");
  });

  test("recover removes a port whose container nobody knows any more", async () => {
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    const element = "{ tcp . 0.0.0.0/0 . 8081 : 10.99.0.77 . 80 }";
    host.host("nft", "add", "element", "inet", "voiyd-vtest0", "ports", element);
    await run([["recover", {}]]);
    expect(host.inventory().filter((line) => line.startsWith("nft "))).toHaveLength(2);
    await detachAll("voiyd-a");
  });

  test("a manager in another mode, or without a readable record, removes it too", async () => {
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    expect(await run([["detach", "voiyd-a"]], lean("plugins"))).toEqual([{ value: null }]);
    expect(host.inventory()).toEqual([]);
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    host.write("cache/results/voiyd-voiyd-a-eth0", "");
    await detachAll("voiyd-a");
  });

  test("with a list of the operator's, `auto` uses the plugins and `lean` refuses", async () => {
    const list = { cniVersion: "1.0.0", name: "voiyd" };
    const ipam = { type: "host-local", ranges: [[{ subnet: "10.99.0.0/24" }]], dataDir: host.path("leases") };
    const plugins = [{ type: "bridge", bridge: "vtest0", isGateway: true, ipMasq: true, ipam }];
    host.write("net.d/10-voiyd.conflist", JSON.stringify({ ...list, plugins }));
    const [auto] = await run([attach("voiyd-a")], lean("auto"));
    expect(auto?.error).toBeUndefined();
    expect(host.host("iptables-save", "-t", "nat")).toContain("CNI-");
    const [refused] = await run([attach("voiyd-b")]);
    expect(refused?.error).toMatchObject({ code: "FAILED_PRECONDITION", details: { network: "voiyd" } });
    await detachAll("voiyd-a", "voiyd-b");
  });
});
