import { describe, expect, test } from "@jest/globals";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime } from "../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";
import { COMMANDS } from "./table.js";

const web = fakeContainer(
  { meta: { name: "web" }, config: { image: "nginx" } },
  {
    ports: [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 53, hostPort: 5353, protocol: "udp", hostIp: "127.0.0.1" },
      { containerPort: 80, hostPort: 8081, hostIp: "::1" },
    ],
  },
);

function host(overrides: Parameters<typeof fakeRuntime>[1] = {}): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime([web], overrides);
  return [new FakeSurroundings(fake.runtime), fake];
}

test("diff has Docker's letters, and no path steers a terminal", async () => {
  const [around] = host();
  expect(await around.main("diff", "web")).toBe(0);
  expect(around.stdout.text).toBe("C /etc\nA /etc/new\nD /old\n");
  const [hostile] = host({ diff: async () => [{ kind: "added", path: "/\u001b[2J" }] });
  expect(await hostile.main("diff", "web")).toBe(0);
  expect(hostile.stdout.text).toBe("A /\\x1b[2J\n");
});

test("export writes to standard output or a file, and not to a terminal; what is not there makes no file", async () => {
  const [around, { calls }] = host();
  expect(await around.main("export", "web")).toBe(0);
  expect(around.stdout.text).toBe("archive");
  expect(await around.main("container", "export", "-o", "out.tar", "web")).toBe(0);
  expect(around.files.get("/home/ada/out.tar")).toBe("archive");
  expect(await around.main("export", "-o", "none.tar", "nothing")).toBe(1);
  expect([...around.files.keys()]).toEqual(["/home/ada/out.tar"]);
  around.stdout = new FakeOutput(true);
  expect(await around.main("export", "web")).toBe(1);
  expect(around.stderr.text).toContain("an archive is not for a terminal");
  expect(calls).toEqual(["export aaaa", "export aaaa"]);
});

describe("commit", () => {
  test.each<[string[], string]>([
    [["web", "new"], "commit web new"],
    [
      ["-a", "Ada", "-m", "text", "-c", "CMD x", "--change", "USER y", "web", "new:1"],
      "commit web new:1 Ada text CMD x USER y",
    ],
    [["--pause=false", "web", "new"], "commit web new unpaused"],
    [["-p", "web", "new"], "commit web new"],
    [["--no-pause", "web", "new"], "commit web new unpaused"],
  ])("%j", async (args, call) => {
    const [around, { calls }] = host();
    expect([await around.main("commit", ...args), around.stderr.text]).toEqual([0, ""]);
    expect(calls).toEqual([call]);
    expect(around.stdout.text).toBe(`sha256:${"1".repeat(64)}\n`);
  });

  test("needs a name", async () => {
    const [around, { calls }] = host();
    expect(await around.main("commit", "web")).toBe(1);
    expect(around.stderr.text).toContain("needs a name");
    expect(calls).toEqual([]);
  });
});

describe("port", () => {
  test.each<[string[], string]>([
    [["web"], "53/udp -> 127.0.0.1:5353\n80/tcp -> 0.0.0.0:8080\n80/tcp -> [::1]:8081\n"],
    [["web", "80"], "0.0.0.0:8080\n[::1]:8081\n"],
    [["web", "53/udp"], "127.0.0.1:5353\n"],
  ])("%j", async (args, text) => {
    const [around] = host();
    expect(await around.main("port", ...args)).toBe(0);
    expect(around.stdout.text).toBe(text);
  });

  test.each([
    ["53", "no public port 53/tcp is published for web"],
    ["x", "is no port"],
  ])("%s is refused", async (port, message) => {
    const [around] = host();
    expect(await around.main("port", "web", port)).toBe(1);
    expect(around.stderr.text).toContain(message);
  });
});

test("info tells what there is, for people and for programs", async () => {
  const [around] = host();
  expect(await around.main("info")).toBe(0);
  expect(around.stdout.text).toMatch(
    /^Containers: 1\n Running: 1\n Paused: 0\n Stopped: 0\nImages: 1\nServer Version: fake\/1\n/,
  );
  expect(around.stdout.text).toContain("Total Memory: 4GiB\n");
  const [again] = host();
  expect(await again.main("system", "info", "--format", "json")).toBe(0);
  expect(JSON.parse(again.stdout.text)).toMatchObject({ Containers: 1, NCPU: 2, Name: "host", Namespace: "voiyd" });
});

describe("container", () => {
  test("has Docker's commands, with usage lines of their own", async () => {
    const under = COMMANDS.filter(({ name }) => name.startsWith("container "));
    expect(under.length).toBeGreaterThan(23);
    for (const { name, load } of under) expect((await load()).usage.startsWith(`${name} `)).toBe(true);
    const { usage } = (await COMMANDS.find(({ name }) => name === "container cp")?.load()) ?? { usage: "" };
    expect(usage.split(" or ")[1]).toMatch(/^container cp /);
  });

  test("does what the commands do that it stands for", async () => {
    const [around, { calls }] = host();
    expect(await around.main("container", "ls", "-q")).toBe(0);
    expect(around.stdout.text).toBe(`${"a".repeat(12)}\n`);
    expect(await around.main("container", "rename", "web", "other")).toBe(0);
    expect(calls).toEqual(["rename web other"]);
    expect(await around.main("container", "fly")).toBe(1);
  });
});
