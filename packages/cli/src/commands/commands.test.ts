import { describe, expect, test } from "@jest/globals";
import { RuntimeError, type Container } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime, streamOf, type FakeRuntime } from "../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";

const web = fakeContainer(
  {
    meta: { name: "web", labels: { a: "1" } },
    config: { image: "nginx:1.27", args: ["nginx", "-g", "daemon off; and more"] },
  },
  { ports: [{ containerPort: 80, hostPort: 8080 }] },
);
const older = fakeContainer(
  { meta: { name: "job\u001b[2J", created: new Date("2026-03-01T10:00:00.000Z") }, config: { image: "busybox" } },
  { phase: "exited", exitCode: 137, exitedAt: new Date("2026-03-01T12:04:57.000Z") },
  "b",
);

function host(
  overrides: Parameters<typeof fakeRuntime>[1] = {},
  containers: readonly Container[] = [older, web],
): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime(containers, overrides);
  return [new FakeSurroundings(fake.runtime), fake];
}

describe("ps", () => {
  test("shows the image's own command, where the runtime tells it", async () => {
    const container = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
    const started = { ...container, status: { ...container.status, command: ["nginx", "-g", "daemon off;"] } };
    const around = new FakeSurroundings(fakeRuntime([started]).runtime);
    expect(await around.main("ps", "--no-trunc")).toBe(0);
    expect(around.stdout.text).toContain('"nginx -g daemon off;"');
  });

  test("lists what runs", async () => {
    const [around] = host();
    expect(await around.main("ps")).toBe(0);
    expect(around.stdout.text).toBe(
      [
        "CONTAINER ID   IMAGE        COMMAND                  CREATED         STATUS         PORTS                  NAMES",
        'aaaaaaaaaaaa   nginx:1.27   "nginx -g daemon off…"   5 minutes ago   Up 5 minutes   0.0.0.0:8080->80/tcp   web',
        "",
      ].join("\n"),
    );
  });

  test("lists everything with -a, the newest first, nothing of it able to steer a terminal", async () => {
    const [around] = host();
    expect(await around.main("ps", "-a")).toBe(0);
    const lines = around.stdout.text.split("\n");
    expect(lines[2]).toMatch(/^bbbbbbbbbbbb +busybox +2 hours ago +Exited \(137\) 3 seconds ago +job\\x1b\[2J$/);
    expect(around.stdout.text).not.toContain("\u001b");
  });

  test.each<[string[], string]>([
    [["-q"], `${"a".repeat(12)}\n`],
    [["-aq"], `${"a".repeat(12)}\n${"b".repeat(12)}\n`],
    [["-q", "--no-trunc"], `${"a".repeat(64)}\n`],
  ])("%j prints ids", async (args, text) => {
    const [around] = host();
    expect(await around.main("ps", ...args)).toBe(0);
    expect(around.stdout.text).toBe(text);
  });

  test("cuts nothing off with --no-trunc", async () => {
    const [around] = host();
    await around.main("ps", "--no-trunc");
    expect(around.stdout.text).toContain(`${"a".repeat(64)}   nginx:1.27   "nginx -g daemon off; and more"`);
  });

  test("prints an object on each line with --format json", async () => {
    const [around] = host();
    expect(await around.main("ps", "-a", "--format", "json")).toBe(0);
    const records = around.stdout.text
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(records).toEqual([
      {
        ID: "a".repeat(64),
        Names: "web",
        Image: "nginx:1.27",
        Command: "nginx -g daemon off; and more",
        CreatedAt: "2026-03-01T12:00:00.000Z",
        RunningFor: "5 minutes ago",
        State: "running",
        Status: "Up 5 minutes",
        Ports: "0.0.0.0:8080->80/tcp",
        Networks: "default",
        Labels: "a=1",
      },
      expect.objectContaining({ Names: "job\u001b[2J", State: "exited", Ports: "" }),
    ]);
  });

  test("is a header alone when there is nothing", async () => {
    const [around] = host({}, []);
    expect(await around.main("ps")).toBe(0);
    expect(around.stdout.text).toBe("CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n");
  });
});

describe("logs", () => {
  const io = async (): ReturnType<FakeRuntime["runtime"]["io"]> => ({
    stdout: streamOf(["a\u001b[31m\tb\n"]),
    stderr: streamOf(["e\r\n"]),
  });

  test.each<[string, boolean, string[], string]>([
    ["as they are where there is no terminal", false, [], "a\u001b[31m\tb\n"],
    ["escaped on a terminal", true, [], "a\\x1b[31m\tb\n"],
    ["as they are on a terminal with --raw", true, ["--raw"], "a\u001b[31m\tb\n"],
  ])("are shown %s", async (_, isTTY, args, text) => {
    const [around] = host({ io });
    around.stdout = new FakeOutput(isTTY);
    expect(await around.main("logs", ...args, "web")).toBe(0);
    expect(around.stdout.text).toBe(text);
    expect(around.stderr.text).toBe("e\r\n");
  });

  test.each([
    [["-f"], true],
    [[], false],
  ])("%j follows: %s", async (args, follow) => {
    const seen: unknown[] = [];
    const [around] = host({
      io: (id, options) => {
        seen.push([id, options?.follow]);
        return io();
      },
    });
    expect(await around.main("logs", ...args, "web")).toBe(0);
    expect(seen).toEqual([["web", follow]]);
  });

  test("are let go of when nobody reads them", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array([121, 10])),
      cancel: () => {
        cancelled = true;
      },
    });
    const [around] = host({ io: async () => ({ stdout: endless, stderr: new ReadableStream() }) });
    around.stdout.failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    expect(await around.main("logs", "-f", "web")).toBe(141);
    expect(cancelled).toBe(true);
  });
});

describe("inspect", () => {
  test("shows containers, and images by the names that no container has", async () => {
    const [around] = host();
    expect(await around.main("inspect", "web", "docker.io/library/busybox:latest")).toBe(0);
    expect(JSON.parse(around.stdout.text)).toEqual([
      JSON.parse(JSON.stringify(web)),
      expect.objectContaining({ name: "docker.io/library/busybox:latest" }),
    ]);
  });

  test("shows what it finds, and names what it does not", async () => {
    const [around] = host();
    expect(await around.main("inspect", "nothing", "web")).toBe(1);
    expect(JSON.parse(around.stdout.text)).toHaveLength(1);
    expect(around.stderr.text).toBe('voiyd: no container and no image is called "nothing"\n');
  });

  test("does not take a failure for an absence", async () => {
    const [around] = host({ get: () => Promise.reject(new RuntimeError("UNAVAILABLE", "away")) });
    expect(await around.main("inspect", "web")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: away\n");
  });
});

describe("stop, kill, rm and cleanup", () => {
  test.each<[string[], string]>([
    [["stop", "web"], "stop web"],
    [["stop", "-t", "3", "-s", "INT", "web"], "stop web INT 3000"],
    [["stop", "--time=-1", "web"], "stop web Infinity"],
    [["stop", "--timeout", "5", "web"], "stop web 5000"],
    [["kill", "web"], "kill aaaa"],
    [["kill", "-s", "HUP", "web"], "kill aaaa HUP"],
    [["rm", "-f", "web"], "delete web"],
    [["rm", "-fv", "web"], "delete web"],
    [["container", "remove", "-f", "--volumes", "web"], "delete web"],
    [["rm", "-f", "never-was"], "delete never-was"],
    [["cleanup", "web"], "cleanup web"],
  ])("%j does %j and prints the argument", async (argv, call) => {
    const [around, fake] = host();
    expect(await around.main(...argv)).toBe(0);
    expect(fake.calls).toEqual([call]);
    expect(around.stdout.text).toBe(`${argv.at(-1) ?? ""}\n`);
  });

  test.each(["created", "exited"] as const)("kill does not pretend to reach what is %s", async (phase) => {
    const down = fakeContainer({ meta: { name: "web" }, config: { image: "x" } }, { phase });
    const [around, fake] = host({}, [down]);
    expect(await around.main("kill", "-s", "HUP", "web")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: container web is not running\n");
    expect(fake.calls).toEqual([]);
  });

  test("rm --link is refused: there are none", async () => {
    const [around, fake] = host();
    expect(await around.main("rm", "-l", "web/db")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: --link: there are no links between containers\n");
    expect(fake.calls).toEqual([]);
  });

  test("rm removes what has ended", async () => {
    const [around, fake] = host();
    expect(await around.main("rm", "b".repeat(64))).toBe(0);
    expect(fake.calls).toEqual(["delete job\u001b[2J"]);
  });

  test.each(["running", "paused", "unknown"] as const)("rm refuses what is %s", async (phase) => {
    const [around, fake] = host({}, [fakeContainer({ meta: { name: "web" }, config: { image: "x" } }, { phase })]);
    expect(await around.main("rm", "web")).toBe(1);
    expect(fake.calls).toEqual([]);
    expect(around.stderr.text).toContain("hint: stop it first, or remove it with -f\n");
  });

  test("one failure does not keep the others from being done", async () => {
    const [around, fake] = host();
    expect(await around.main("stop", "nothing", "web", "neither")).toBe(1);
    expect(fake.calls).toEqual(["stop web"]);
    expect(around.stdout.text).toBe("web\n");
    expect(around.stderr.text).toBe('voiyd: there is no container "nothing"\nvoiyd: there is no container "neither"\n');
  });

  test("all are done when nobody reads what was done", async () => {
    const stopped: unknown[] = [];
    const [around] = host({
      stop: async (ref) => {
        await new Promise(setImmediate);
        stopped.push(ref);
      },
    });
    around.stdout.failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    expect(await around.main("stop", ...names)).toBe(141);
    expect(stopped).toHaveLength(40);
  });

  test("many are done several at a time, and printed in their order", async () => {
    let active = 0;
    let most = 0;
    const [around] = host({
      stop: async () => {
        active += 1;
        most = Math.max(most, active);
        await new Promise(setImmediate);
        active -= 1;
      },
    });
    const names = Array.from({ length: 50 }, (_, index) => `c${String(index)}`);
    expect(await around.main("stop", ...names)).toBe(0);
    expect(around.stdout.text).toBe(names.map((name) => `${name}\n`).join(""));
    expect(most).toBe(16);
  });
});

describe("pull", () => {
  test("prints name and digest of what it has pulled", async () => {
    const [around, fake] = host();
    expect(await around.main("pull", "a", "b")).toBe(0);
    expect(fake.calls).toEqual(["pull a", "pull b"]);
    expect(around.stdout.text).toBe(
      ["a", "b"].map((name) => `docker.io/library/${name}:latest sha256:${"1".repeat(64)}\n`).join(""),
    );
  });

  test("prints the name alone with -q", async () => {
    const [around] = host();
    expect(await around.main("pull", "-q", "a")).toBe(0);
    expect(around.stdout.text).toBe("docker.io/library/a:latest\n");
  });

  test("goes on past a failure", async () => {
    const [around] = host({
      pullImage: async (name) => {
        if (name === "bad") throw new RuntimeError("IMAGE_NOT_FOUND", "no such image");
        return { name, digest: "sha256:2", mediaType: "m", created: new Date(0) };
      },
    });
    expect(await around.main("pull", "bad", "good")).toBe(1);
    expect(around.stdout.text).toBe("good sha256:2\n");
    expect(around.stderr.text).toBe("voiyd: no such image\n");
  });
});

describe("images", () => {
  const listImages = async (): ReturnType<FakeRuntime["runtime"]["listImages"]> => [
    {
      name: "docker.io/library/busybox:1",
      digest: `sha256:${"1".repeat(64)}`,
      mediaType: "m",
      created: new Date("2026-02-28T12:05:00.000Z"),
      size: 4_054_321,
    },
    {
      name: "ghcr.io/o/app@sha256:2",
      digest: `sha256:${"2".repeat(64)}`,
      mediaType: "m",
      created: new Date("2026-03-01T12:04:00.000Z"),
    },
  ];

  test("are a table, the newest first", async () => {
    const [around] = host({ listImages });
    expect(await around.main("images")).toBe(0);
    expect(around.stdout.text).toBe(
      [
        "REPOSITORY      TAG      IMAGE ID       CREATED              SIZE",
        "ghcr.io/o/app   <none>   222222222222   About a minute ago   incomplete",
        "busybox         1        111111111111   24 hours ago         4.05MB",
        "",
      ].join("\n"),
    );
  });

  test("are ids with -q, and objects with --format json", async () => {
    const [around] = host({ listImages });
    await around.main("images", "-q");
    expect(around.stdout.text).toBe("222222222222\n111111111111\n");
    const [other] = host({ listImages });
    await other.main("images", "--format=json");
    expect(JSON.parse(other.stdout.text.split("\n")[1] ?? "")).toMatchObject({
      Repository: "busybox",
      Tag: "1",
      Size: "4.05MB",
      Name: "docker.io/library/busybox:1",
    });
  });
});

describe("version", () => {
  test("shows ours and the daemon's", async () => {
    const [around] = host();
    expect(await around.main("version")).toBe(0);
    expect(around.stdout.text).toBe(
      "voiyd:     1.2.3\nruntime:   fake/1\naddress:   /run/containerd/containerd.sock\nnamespace: voiyd\n",
    );
  });

  test("shows ours when the daemon does not answer, and fails", async () => {
    const [around] = host({ version: () => Promise.reject(new RuntimeError("UNAVAILABLE", "away")) });
    expect(await around.main("version", "--format", "json")).toBe(1);
    expect(JSON.parse(around.stdout.text)).toEqual({
      voiyd: "1.2.3",
      address: "/run/containerd/containerd.sock",
      namespace: "voiyd",
    });
    expect(around.stderr.text).toBe("voiyd: away\n");
  });
});
