import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, type Step } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: several networks on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

describeHost("several networks on a real host", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
    writeNetwork("front", "vfront0", ["10.98.1.0/24", "fd98:1::/64"]);
    writeNetwork("back", "vback0", ["10.98.2.0/24"]);
  });
  afterEach(() => host.remove());

  function writeNetwork(name: string, bridge: string, subnets: readonly string[]): void {
    mkdirSync(host.path("net.d"), { recursive: true });
    const ipam = {
      type: "host-local",
      ranges: subnets.map((subnet) => [{ subnet }]),
      dataDir: host.path("leases"),
    };
    const plugin = { type: "bridge", bridge, isGateway: true, capabilities: { ips: true, mac: true }, ipam };
    const list = { cniVersion: "1.0.0", name, plugins: [plugin, { type: "firewall", ingressPolicy: "same-bridge" }] };
    writeFileSync(host.path("net.d", `30-${name}.conflist`), JSON.stringify(list));
  }

  const inside = (id: string, ...command: readonly string[]): string =>
    execFileSync("nsenter", [`--net=${host.path("netns", id)}`, ...command], { encoding: "utf8" });

  test("a container has the interfaces, addresses and MAC that were asked for", async () => {
    const [attached] = await host.run([
      [
        "attach",
        {
          containerId: "voiyd-a",
          networks: [
            { name: "front", ips: ["10.98.1.77", "fd98:1::77"], mac: "02:42:ac:11:00:02" },
            { name: "back", ifName: "lan0" },
          ],
        },
      ],
    ]);
    expect(attached?.value).toMatchObject({
      interfaces: [
        {
          name: "eth0",
          network: "front",
          mac: "02:42:ac:11:00:02",
          addresses: [
            { address: "10.98.1.77", prefixLength: 24, family: 4 },
            { address: "fd98:1::77", prefixLength: 64, family: 6 },
          ],
        },
        { name: "lan0", network: "back", addresses: [{ address: "10.98.2.2", family: 4 }] },
      ],
    });
    expect(inside("voiyd-a", "ip", "-o", "link", "show", "eth0")).toContain("02:42:ac:11:00:02");
    expect(inside("voiyd-a", "ip", "-o", "address", "show", "lan0")).toContain("10.98.2.2/24");
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("a fixed address that another container has is refused, and nothing is left", async () => {
    const attach = (containerId: string): Step => [
      "attach",
      { containerId, networks: [{ name: "back", ips: ["10.98.2.50"] }] },
    ];
    const [first, second] = await host.run([attach("voiyd-a"), attach("voiyd-b")]);
    expect(first?.error).toBeUndefined();
    expect(second?.error).toMatchObject({
      code: "NETWORK_SETUP_FAILED",
      details: { reason: "address-unavailable", network: "back" },
    });
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("a running container is connected to one more network, and taken off it", async () => {
    const [, connected] = await host.run([
      ["attach", { containerId: "voiyd-a", networks: ["front"] }],
      ["connect", "voiyd-a", { name: "back", ips: ["10.98.2.9"] }],
    ]);
    expect(connected?.value).toMatchObject({ interfaces: [{ name: "eth0" }, { name: "eth1", network: "back" }] });
    expect(inside("voiyd-a", "ip", "-o", "address", "show", "eth1")).toContain("10.98.2.9/24");
    const [disconnected, gone] = await host.run([
      ["disconnect", "voiyd-a", "back"],
      ["disconnect", "voiyd-a", { ifName: "eth1" }],
    ]);
    expect([disconnected, gone]).toEqual([{ value: null }, { value: null }]);
    expect(inside("voiyd-a", "ip", "-o", "link")).not.toContain("eth1");
    expect(inside("voiyd-a", "ip", "-o", "link")).toContain("eth0");
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("hosts files stay the same files while containers of several processes come and go", async () => {
    const ids = ["voiyd-a", "voiyd-b", "voiyd-c", "voiyd-d"];
    const hosts = (id: string): string => host.path(`hosts-${id}`);
    for (const id of ids) writeFileSync(hosts(id), "127.0.0.1\tlocalhost\n");
    const inodes = ids.map((id) => statSync(hosts(id)).ino);
    const attach = (id: string): Step => [
      "attach",
      { containerId: id, networks: ["front"], names: [id.slice(-1)], hostsFile: hosts(id) },
    ];
    const answers = await Promise.all(ids.map((id) => host.run([attach(id)])));
    expect(JSON.stringify(answers)).not.toContain('"error"');
    const namesIn = (id: string): readonly string[] =>
      [...readFileSync(hosts(id), "utf8").matchAll(/^10\.98\.1\.\d+\t(\S+) /gm)]
        .map(([, name = ""]) => name)
        .toSorted();
    expect(ids.map(namesIn)).toEqual(ids.map(() => ["a", "b", "c", "d"]));
    expect(readFileSync(hosts("voiyd-a"), "utf8")).toMatch(/^fd98:1::\w+\tb b\.front$/m);
    await Promise.all(["voiyd-c", "voiyd-d"].map((id) => host.run([["detach", id]])));
    expect(["voiyd-a", "voiyd-b"].map(namesIn)).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(ids.map((id) => statSync(hosts(id)).ino)).toEqual(inodes);
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("both families reach a container of the default network, and IPv4 comes first", async () => {
    const portMappings = [{ hostPort: 8080, containerPort: 80 }];
    const [attached] = await host.run([["attach", { containerId: "voiyd-a", portMappings }]]);
    const text = JSON.stringify(attached?.value);
    const [gateway4, gateway6] = [...text.matchAll(/"gateway":"([^"]+)"/g)].map(([, address = ""]) => address);
    const [v4, v6] = [...text.matchAll(/"address":"([^"]+)"/g)].map(([, address = ""]) => address);
    expect(text.match(/"family":\d/g)).toEqual(['"family":4', '"family":6']);
    const serve = "require('net').createServer((s) => s.end('hello')).listen(80, '::', () => console.log('up'))";
    const server = spawn("nsenter", [`--net=${host.path("netns", "voiyd-a")}`, process.execPath, "-e", serve], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(server.stdout, "data");
      // The bridge is new: the kernel makes sure for a moment that nobody else has its address.
      while (host.host("ip", "-6", "address", "show", "tentative").includes("inet6")) await delay(50);
      const ask =
        "require('net').connect(process.argv[2], process.argv[1]).on('error', (e) => console.log(e.code)).pipe(process.stdout)";
      const answer = (address: string | undefined, port: string): string =>
        host.host(process.execPath, "-e", ask, address ?? "", port);
      expect([answer(v4, "80"), answer(v6, "80")]).toEqual(["hello", "hello"]);
      // Published on the host's addresses of both families, and on the loopback of IPv4 only.
      expect([gateway4, gateway6, "127.0.0.1"].map((address) => answer(address, "8080"))).toEqual([
        "hello",
        "hello",
        "hello",
      ]);
    } finally {
      server.kill("SIGKILL");
    }
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("a host without IPv6 has IPv4 alone", async () => {
    host.host("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
    const [attached] = await host.run([["attach", { containerId: "voiyd-a" }]]);
    expect(JSON.stringify(attached?.value).match(/"family":\d/g)).toEqual(['"family":4']);
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });
});
