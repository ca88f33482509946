import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { PortMapping } from "@voiyd/runtime-api";
import { HostSandbox, hostTestObstacle, type Answer, type Step } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: lean mode over IPv6: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

const SERVER = "require('net').createServer((s) => s.end('hello')).listen(80, '::', () => console.log('up'))";
/** Says who asks, and so by which address it came. */
const WHO = "require('net').createServer((s) => s.end(s.remoteAddress)).listen(80, '::', () => console.log('up'))";
const ASK =
  "const c = require('net').connect(process.argv[2], process.argv[1]);" +
  "c.on('error', (e) => console.log(e.code)).on('data', (d) => console.log(String(d))).setTimeout(1500, () => { console.log('silence'); c.destroy(); })";
const GATEWAY = "fd00:99::1";

describeHost("lean mode over IPv6", () => {
  let host: HostSandbox;
  let servers: ChildProcess[] = [];
  beforeEach(() => {
    host = new HostSandbox();
    // Addresses of our own making are nobody else's: the kernel need not look for the first seconds.
    for (const which of ["all", "default"]) {
      host.host("sh", "-c", `echo 0 > /proc/sys/net/ipv6/conf/${which}/accept_dad`);
    }
  });
  afterEach(() => {
    for (const server of servers) server.kill("SIGKILL");
    servers = [];
    host.remove();
  });

  function run(steps: readonly Step[], mode: "lean" | "plugins" = "lean"): Promise<readonly Answer[]> {
    return host.run(steps, { defaultNetwork: { ...host.options.defaultNetwork, mode, subnet6: "fd00:99::/64" } });
  }
  function attach(containerId: string, ...portMappings: readonly PortMapping[]): Step {
    return ["attach", { containerId, portMappings }];
  }
  async function serve(containerId: string, program = SERVER): Promise<void> {
    const args = [`--net=${host.path("netns", containerId)}`, process.execPath, "-e", program];
    const server = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
    servers.push(server);
    await once(server.stdout, "data");
  }
  /** Asks from the host, or from a container, until it hears what it waits for. */
  async function ask(address: string, port: number, expected: string, from?: string): Promise<string> {
    const inside = from === undefined ? [] : ["nsenter", `--net=${host.path("netns", from)}`];
    const [file, ...args] = [...inside, process.execPath, "-e", ASK, address, String(port)];
    for (let left = 40; ; left -= 1) {
      const heard = host.host(file, ...args).trim();
      if (heard === expected || left === 0) return heard;
      await pause(250);
    }
  }
  async function detachAll(...ids: readonly string[]): Promise<void> {
    expect(await run(ids.map((id) => ["detach", id] as const))).toEqual(ids.map(() => ({ value: null })));
    expect(host.inventory()).toEqual([]);
  }

  test("a published port answers the host, its own container and another one", async () => {
    const [first, second] = await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 }), attach("voiyd-b")]);
    expect([first?.error, second?.error]).toEqual([undefined, undefined]);
    expect(first?.value).toMatchObject({ interfaces: [{ addresses: [{ family: 4 }, { address: "fd00:99::2" }] }] });
    await serve("voiyd-a");
    expect(await ask("fd00:99::2", 80, "hello")).toBe("hello");
    expect(await ask(GATEWAY, 8080, "hello")).toBe("hello");
    expect(await ask(GATEWAY, 8080, "hello", "voiyd-a")).toBe("hello");
    expect(await ask(GATEWAY, 8080, "hello", "voiyd-b")).toBe("hello");
    expect((await run([["check", "voiyd-a"]])).map(({ error }) => error)).toEqual([undefined]);
    await detachAll("voiyd-a", "voiyd-b");
    expect(await ask(GATEWAY, 8080, "ECONNREFUSED")).toBe("ECONNREFUSED");
  });

  test("a port of one family is one of that family, and conflicts in it alone", async () => {
    const want = { hostPort: 8080, containerPort: 80 };
    const answers = await run([
      attach("voiyd-a", { ...want, hostIp: "::" }),
      attach("voiyd-b", { ...want, hostIp: "0.0.0.0" }),
      attach("voiyd-c", { ...want, hostIp: GATEWAY }),
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, "PORT_IN_USE", "PORT_IN_USE"]);
    await serve("voiyd-a");
    expect(await ask(GATEWAY, 8080, "hello")).toBe("hello");
    expect(await ask("127.0.0.1", 8080, "ECONNREFUSED")).toBe("ECONNREFUSED");
    await detachAll("voiyd-a", "voiyd-b", "voiyd-c");
  });

  test("a port of one address answers at that address only", async () => {
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80, hostIp: GATEWAY })]);
    await serve("voiyd-a");
    host.host("ip", "addr", "add", "fd00:77::1/128", "dev", "lo");
    expect(await ask(GATEWAY, 8080, "hello")).toBe("hello");
    expect(await ask("fd00:77::1", 8080, "ECONNREFUSED")).toBe("ECONNREFUSED");
    await detachAll("voiyd-a");
  });

  test("what leaves has an address of the host, also where ip6tables' FORWARD drops; who comes keeps its own", async () => {
    host.host("ip6tables", "-P", "FORWARD", "DROP");
    await run([attach("voiyd-a", { hostPort: 8080, containerPort: 80 })]);
    host.host("ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth9");
    const beyond = "voiyd-beyond";
    await host.run([["prepare", beyond]]);
    host.host("ip", "link", "set", "eth9", "netns", host.path("netns", beyond));
    host.host("ip", "addr", "add", "fd00:77::1/64", "dev", "up0", "nodad");
    host.host("ip", "link", "set", "up0", "up");
    const inside = ["nsenter", `--net=${host.path("netns", beyond)}`, "ip"] as const;
    host.host(...inside, "addr", "add", "fd00:77::2/64", "dev", "eth9", "nodad");
    host.host(...inside, "link", "set", "eth9", "up");
    await serve(beyond, WHO);
    await serve("voiyd-a", WHO);
    expect(await ask("fd00:77::2", 80, "fd00:77::1", "voiyd-a")).toBe("fd00:77::1");
    expect(await ask("fd00:77::1", 8080, "fd00:77::2", beyond)).toBe("fd00:77::2");
    host.host("ip", "link", "del", "up0");
    await detachAll("voiyd-a", beyond);
  });

  test("networks are kept apart in this family too", async () => {
    const other = { type: "bridge", bridge: "vtest1", isGateway: true, ipMasq: true };
    const ipam = { type: "host-local", ranges: [[{ subnet: "fd00:98::/64" }]], dataDir: host.path("leases") };
    const plugins = [
      { ...other, ipam: { ...ipam, routes: [{ dst: "::/0" }] } },
      { type: "firewall", ingressPolicy: "same-bridge" },
    ];
    await run([attach("voiyd-a")]);
    host.write("net.d/20-other.conflist", JSON.stringify({ cniVersion: "1.0.0", name: "other", plugins }));
    const [attached] = await run([["attach", { containerId: "voiyd-o", networks: ["other"] }]]);
    expect(attached?.error).toBeUndefined();
    await serve("voiyd-a");
    await serve("voiyd-o");
    expect(await ask("fd00:98::2", 80, "hello")).toBe("hello");
    expect(await ask("fd00:99::2", 80, "hello")).toBe("hello");
    expect(await ask("fd00:99::2", 80, "silence", "voiyd-o")).toBe("silence");
    expect(await ask("fd00:98::2", 80, "silence", "voiyd-a")).toBe("silence");
    await detachAll("voiyd-a", "voiyd-o");
  });

  test("after a flush reload publishes again, in both families, what this container and the others had", async () => {
    await run([
      attach("voiyd-a", { hostPort: 8080, containerPort: 80 }),
      attach("voiyd-b", { hostPort: 8081, containerPort: 80 }),
    ]);
    await serve("voiyd-a");
    await serve("voiyd-b");
    host.host("nft", "flush", "ruleset");
    expect((await run([["reload", "voiyd-a"]]))[0]?.error).toBeUndefined();
    for (const address of ["127.0.0.1", GATEWAY]) {
      expect(await ask(address, 8080, "hello")).toBe("hello");
      expect(await ask(address, 8081, "hello")).toBe("hello");
    }
    await detachAll("voiyd-a", "voiyd-b");
  });
});
