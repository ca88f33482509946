import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: reload on a real host: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

/** Answers each line with the same line. */
const ECHO = "require('net').createServer((s) => s.pipe(s)).listen(80, '0.0.0.0', () => console.log('up'))";
/** Sends each line of its input, prints each line that comes back. */
const TALK =
  "const s = require('net').connect(8080, '10.99.0.1', () => console.log('connected'));" +
  "s.pipe(process.stdout); process.stdin.pipe(s); s.on('error', (e) => console.log(e.code))";
const ASK =
  "const s = require('net').connect(8080, process.argv[1], () => s.end('hello'));" +
  "s.on('error', (e) => console.log(e.code)).on('data', (d) => console.log(String(d)));" +
  "s.setTimeout(1500, () => { console.log('silence'); s.destroy(); })";
/** What a container outside of the port's ways sees: its own address, or the host's. */
const SEEN_FROM =
  "require('net').createServer((s) => { console.log(s.remoteAddress); s.end(); }).listen(90, '0.0.0.0', () => console.log('up'))";

describeHost.each(["plugins", "lean"] as const)("reload in mode %s", (mode) => {
  let host: HostSandbox;
  let children: ChildProcess[] = [];
  beforeEach(() => {
    host = new HostSandbox({}, mode);
  });
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
    children = [];
    host.remove();
  });

  function start(namespace: string, program: string) {
    const child = spawn("nsenter", [`--net=${namespace}`, process.execPath, "-e", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  }
  const lineOf = async (child: ReturnType<typeof start>): Promise<string> => {
    const heard: readonly unknown[] = await once(child.stdout, "data");
    return String(heard[0]).trim();
  };
  const ask = (address: string): string => host.host(process.execPath, "-e", ASK, address).trim();
  const flush = (): void => {
    for (const tool of ["iptables", "ip6tables"]) {
      for (const table of ["nat", "filter"]) {
        host.host(tool, "-t", table, "-F");
        host.host(tool, "-t", table, "-X");
      }
    }
    if (mode === "lean") host.host("nft", "flush", "ruleset");
  };
  const rules = (): readonly string[] =>
    ["iptables-save", "ip6tables-save"]
      .flatMap((tool) => host.host(tool).split("\n"))
      .filter((line) => line.startsWith("-A "))
      .toSorted();

  test("a published port that a flush has killed is alive again, and a connection lives on", async () => {
    const portMappings = [{ hostPort: 8080, containerPort: 80 }];
    const [attached] = await host.run([["attach", { containerId: "voiyd-a", portMappings }]]);
    expect(attached?.error).toBeUndefined();
    await lineOf(start(host.path("netns", "voiyd-a"), ECHO));
    const before = rules();
    const talk = start(`/run/netns/${host.name}`, TALK);
    expect(await lineOf(talk)).toBe("connected");
    talk.stdin.write("one");
    expect(await lineOf(talk)).toBe("one");
    expect(ask("127.0.0.1")).toBe("hello");

    flush();
    expect(ask("10.99.0.1")).toBe("ECONNREFUSED");
    expect((await host.run([["check", "voiyd-a"]]))[0]?.error?.code).toBe("NETWORK_SETUP_FAILED");
    const [reloaded, again] = await host.run([
      ["reload", "voiyd-a"],
      ["reload", "voiyd-a"],
    ]);
    expect(reloaded).toEqual(attached);
    expect(again).toEqual(attached);
    expect([ask("127.0.0.1"), ask("10.99.0.1")]).toEqual(["hello", "hello"]);
    expect(await host.run([["check", "voiyd-a"]])).toEqual([{ value: null }]);
    talk.stdin.write("two");
    expect(await lineOf(talk)).toBe("two");
    expect(rules()).toEqual(before);
    expect(host.duplicateRules()).toEqual([]);

    await host.run([["detach", "voiyd-a"]]);
    expect(host.inventory()).toEqual([]);
  });

  test("what a container sends out is masqueraded again", async () => {
    await host.run([
      ["attach", { containerId: "voiyd-a" }],
      ["prepare", "voiyd-beyond"],
    ]);
    const beyond = host.path("netns", "voiyd-beyond");
    host.host("ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth9");
    host.host("ip", "link", "set", "eth9", "netns", beyond);
    host.host("ip", "addr", "add", "192.168.77.1/24", "dev", "up0");
    host.host("ip", "link", "set", "up0", "up");
    host.host("nsenter", `--net=${beyond}`, "ip", "addr", "add", "192.168.77.2/24", "dev", "eth9");
    host.host("nsenter", `--net=${beyond}`, "ip", "link", "set", "eth9", "up");
    const server = start(beyond, SEEN_FROM);
    expect(await lineOf(server)).toBe("up");
    const visit =
      "require('net').connect(90, '192.168.77.2').on('error', () => undefined).setTimeout(1000, function () { this.destroy() })";
    const seen = async (): Promise<string> => {
      const said = lineOf(server);
      host.host("nsenter", `--net=${host.path("netns", "voiyd-a")}`, process.execPath, "-e", visit);
      return said;
    };
    expect(await seen()).toBe("192.168.77.1");
    flush();
    await host.run([["reload", "voiyd-a"]]);
    expect(await seen()).toBe("192.168.77.1");
    host.host("ip", "link", "del", "up0");
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-beyond"],
    ]);
    expect(host.inventory()).toEqual([]);
  });

  test("eight at once, after everything was flushed, make no rule twice", async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `voiyd-${String(index)}`);
    const attaches = ids.map(
      (containerId, index) =>
        ["attach", { containerId, portMappings: [{ hostPort: 9000 + index, containerPort: 80 }] }] as const,
    );
    await host.run([{ parallel: attaches }]);
    const before = rules();
    flush();
    const half = (from: number): Promise<unknown> =>
      host.run([{ parallel: ids.slice(from, from + 4).map((id) => ["reload", id] as const) }]);
    expect(JSON.stringify(await Promise.all([half(0), half(4)]))).not.toContain('"error"');
    expect(host.duplicateRules()).toEqual([]);
    expect(rules()).toEqual(before);
    await host.run([{ parallel: ids.map((id) => ["detach", id] as const) }]);
    expect(host.inventory()).toEqual([]);
  });

  test("what is not attached cannot be reloaded", async () => {
    await host.run([["attach", { containerId: "voiyd-a" }]]);
    host.host("umount", "-l", host.path("netns", "voiyd-a"));
    const answers = await host.run([
      ["reload", "voiyd-a"],
      ["reload", "voiyd-b"],
      ["detach", "voiyd-a"],
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual(["NETWORK_SETUP_FAILED", "NOT_FOUND", undefined]);
    expect(host.inventory()).toEqual([]);
  });
});
