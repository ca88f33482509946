import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, pluginDir } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: networks on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

describeHost("networks on a real host", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  test("a published port answers, and after detach nothing is left", async () => {
    const [prepared, attached] = await host.run([
      ["prepare", "voiyd-web"],
      ["attach", { containerId: "voiyd-web", portMappings: [{ hostPort: 8080, containerPort: 80 }] }],
    ]);
    expect(prepared?.value).toBe(host.path("netns", "voiyd-web"));
    expect(attached?.value).toMatchObject({
      interfaces: [
        {
          name: "eth0",
          network: "voiyd",
          addresses: [
            { address: "10.99.0.2", prefixLength: 24, family: 4, gateway: "10.99.0.1" },
            { address: expect.stringMatching(/^fd.*::2$/), prefixLength: 64, family: 6 },
          ],
        },
      ],
      ports: [{ hostPort: 8080, containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0" }],
    });
    expect(host.inventory()).not.toEqual([]);

    const serve = "require('net').createServer((s) => s.end('hello')).listen(80, '0.0.0.0', () => console.log('up'))";
    const server = spawn("nsenter", [`--net=${host.path("netns", "voiyd-web")}`, process.execPath, "-e", serve], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(server.stdout, "data");
      const ask =
        "require('net').connect(8080, process.argv[1]).on('error', (e) => console.log(e.code)).pipe(process.stdout)";
      expect(host.host(process.execPath, "-e", ask, "10.99.0.1")).toBe("hello");
      expect(host.host(process.execPath, "-e", ask, "127.0.0.1")).toBe("hello");
    } finally {
      server.kill("SIGKILL");
    }

    const [detached, again] = await host.run([
      ["detach", "voiyd-web"],
      ["detach", "voiyd-web"],
    ]);
    expect([detached, again]).toEqual([{ value: null }, { value: null }]);
    expect(host.inventory()).toEqual([]);
  });

  test("a plugin that is missing is named, and nothing is left", async () => {
    const empty = host.makeDir("bin");
    const [attached] = await host.run([["attach", { containerId: "voiyd-a" }]], { binDirs: [empty] });
    expect(attached?.error).toMatchObject({ code: "PLUGIN_NOT_FOUND", details: { plugin: "bridge" } });
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("sixteen first attaches at once succeed, and make no rule twice", async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `voiyd-${String(index)}`);
    const half = (from: number): Promise<unknown> =>
      host.run([
        {
          parallel: ids
            .slice(from, from + 8)
            .map(
              (containerId, index) =>
                [
                  "attach",
                  { containerId, portMappings: [{ hostPort: 9000 + from + index, containerPort: 80 }] },
                ] as const,
            ),
        },
      ]);
    const answers = JSON.stringify(await Promise.all([half(0), half(8)]));
    expect(answers).not.toContain('"error"');
    expect(new Set(answers.match(/10\.99\.0\.\d+(?=","prefixLength)/g)).size).toBe(16);
    expect(host.duplicateRules()).toEqual([]);
    const detached = JSON.stringify(await host.run([{ parallel: ids.map((id) => ["detach", id] as const) }]));
    expect(detached).not.toContain('"error"');
    expect(host.inventory()).toEqual([]);
  });

  test("of two processes that want one port exactly one gets it, and the other learns whose it is", async () => {
    const answers = (
      await Promise.all(
        ["voiyd-a", "voiyd-b"].map((containerId) =>
          host.run([["attach", { containerId, portMappings: [{ hostPort: 8080, containerPort: 80 }] }]]),
        ),
      )
    ).flat();
    const winner = answers.findIndex(({ error }) => error === undefined);
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
    const loser = answers.find(({ error }) => error !== undefined);
    expect(loser?.error).toMatchObject({
      code: "PORT_IN_USE",
      details: { owner: `container ${winner === 0 ? "voiyd-a" : "voiyd-b"}` },
    });
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("a port that a process of the host listens on, or a foreign rule publishes, is in use", async () => {
    const listen = "require('net').createServer().listen(8081, '127.0.0.1', () => console.log('up'))";
    const listener = spawn("nsenter", [`--net=/run/netns/${host.name}`, process.execPath, "-e", listen], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(listener.stdout, "data");
      host.host(
        "iptables",
        "-t",
        "nat",
        "-A",
        "PREROUTING",
        "-p",
        "tcp",
        "--dport",
        "8082",
        "-j",
        "DNAT",
        "--to-destination",
        "10.1.2.3:80",
      );
      const answers = await host.run([
        ["attach", { containerId: "voiyd-a", portMappings: [{ hostPort: 8081, containerPort: 80 }] }],
        ["attach", { containerId: "voiyd-a", portMappings: [{ hostPort: 8082, containerPort: 80 }] }],
        ["detach", "voiyd-a"],
      ]);
      expect(answers.map(({ error }) => error?.code)).toEqual(["PORT_IN_USE", "PORT_IN_USE", undefined]);
      expect(host.inventory()).toEqual([]);
    } finally {
      listener.kill("SIGKILL");
    }
  });

  test.each(["another namespace", "a plain file", "nothing"])(
    "the host's eth0 survives when %s is where the namespace was",
    async (what) => {
      host.host("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "up0");
      await host.run([["attach", { containerId: "voiyd-a", portMappings: [{ hostPort: 8080, containerPort: 80 }] }]]);
      const file = host.path("netns", "voiyd-a");
      execFileSync("umount", ["-l", file]);
      if (what === "another namespace") execFileSync("mount", ["--bind", `/run/netns/${host.name}`, file]);
      if (what === "nothing") rmSync(file);
      const [detached] = await host.run([["detach", "voiyd-a"]]);
      expect(detached).toEqual({ value: null });
      expect(host.host("ip", "-o", "link", "show", "eth0")).toContain("eth0");
      expect(host.inventory().filter((line) => !/eth0|up0/.test(line))).toEqual([]);
    },
  );

  test("detach needs neither the configuration nor all plugins", async () => {
    const bin = host.makeDir("bin");
    for (const plugin of readdirSync(pluginDir() ?? ""))
      symlinkSync(join(pluginDir() ?? "", plugin), join(bin, plugin));
    await host.run([["attach", { containerId: "voiyd-a", portMappings: [{ hostPort: 8080, containerPort: 80 }] }]], {
      binDirs: [bin],
    });
    rmSync(host.path("net.d"), { recursive: true });
    for (const plugin of ["bridge", "portmap", "host-local"]) rmSync(join(bin, plugin));
    const [detached] = await host.run([["detach", "voiyd-a"]], { binDirs: [bin] });
    expect(detached).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  });

  test("a record that a power loss emptied does not keep anything from being removed", async () => {
    await host.run([["attach", { containerId: "voiyd-a" }]]);
    writeFileSync(host.path("cache", "results", "voiyd-voiyd-a-eth0"), "");
    const [detached] = await host.run([["detach", "voiyd-a"]]);
    expect(detached).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  });

  test("check sees a port that is not published any more, and a namespace that is gone", async () => {
    await host.run([["attach", { containerId: "voiyd-a", portMappings: [{ hostPort: 8080, containerPort: 80 }] }]]);
    const [well, unknown] = await host.run([
      ["check", "voiyd-a"],
      ["check", "voiyd-b"],
    ]);
    expect([well?.error, unknown?.error?.code]).toEqual([undefined, "NOT_FOUND"]);
    host.host("iptables", "-t", "nat", "-F");
    const [flushed] = await host.run([["check", "voiyd-a"]]);
    expect(flushed?.error?.code).toBe("NETWORK_SETUP_FAILED");
    execFileSync("umount", ["-l", host.path("netns", "voiyd-a")]);
    const [gone] = await host.run([["check", "voiyd-a"]]);
    expect(gone?.error?.message).toContain("namespace");
    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("exhausted addresses have a code of their own, and the failed attach leaves nothing", async () => {
    const defaultNetwork = { bridge: "vtest0", subnet: "10.99.0.0/30", ipamDataDir: host.path("leases") };
    const [, second] = await host.run(
      [
        ["attach", { containerId: "voiyd-a" }],
        ["attach", { containerId: "voiyd-b" }],
      ],
      { defaultNetwork },
    );
    expect(second?.error?.code).toBe("NETWORK_ADDRESSES_EXHAUSTED");
    expect(existsSync(host.path("cache", "results", "voiyd-voiyd-b-eth0"))).toBe(false);
    await host.run(
      [
        ["detach", "voiyd-a"],
        ["detach", "voiyd-b"],
      ],
      { defaultNetwork },
    );
    expect(host.inventory()).toEqual([]);
  });
});
