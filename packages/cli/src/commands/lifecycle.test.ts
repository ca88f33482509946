import { describe, expect, test } from "@jest/globals";
import { type Container, RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
const db = fakeContainer({ meta: { name: "db" }, config: { image: "postgres" } }, {}, "b");

function host(
  overrides: Parameters<typeof fakeRuntime>[1] = {},
  containers: readonly Container[] = [web, db],
): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime(containers, overrides);
  return [new FakeSurroundings(fake.runtime), fake];
}

describe.each([
  ["pause", "pause"],
  ["unpause", "resume"],
  ["restart", "restart"],
  ["start", "start"],
])("%s", (command, call) => {
  test("does so with each container, and prints what it was called", async () => {
    const [around, fake] = host();
    expect(await around.main(command, "web", "b".repeat(64))).toBe(0);
    expect(fake.calls).toEqual([`${call} web`, `${call} db`]);
    expect(around.stdout.text).toBe(`web\n${"b".repeat(64)}\n`);
    expect(around.spawned).toEqual([]);
  });

  test("goes on past a failure, and ends with 1", async () => {
    const [around, fake] = host();
    expect(await around.main(command, "nothing", "web")).toBe(1);
    expect(fake.calls).toEqual([`${call} web`]);
    expect([around.stdout.text, around.stderr.text]).toEqual(["web\n", 'voiyd: there is no container "nothing"\n']);
  });

  test("needs a container", async () => {
    const [around] = host();
    expect(await around.main(command)).toBe(1);
    expect(around.stderr.text).toContain(`${command} needs at least one argument`);
    expect(around.composed).toEqual([]);
  });
});

describe("restart", () => {
  test("ends the container as it is told to", async () => {
    const [around, fake] = host();
    expect(await around.main("restart", "-t", "3", "-s", "INT", "web")).toBe(0);
    expect(await around.main("restart", "--time=-1", "web")).toBe(0);
    expect(fake.calls).toEqual(["restart web INT 3000", "restart web Infinity"]);
  });

  test.each([
    ["-t", "soon"],
    ["-s", "NONE"],
  ])("%s %s is refused", async (...options) => {
    const [around, fake] = host();
    expect(await around.main("restart", ...options, "web")).toBe(1);
    expect(around.stderr.text).toContain("is not valid");
    expect(fake.calls).toEqual([]);
  });
});

describe.each(["start", "restart", "update --restart always"])("%s", (line) => {
  const argv = line.split(" ");

  test.each<[string, Container]>([
    [
      "a restart policy",
      fakeContainer({ meta: { name: "web" }, config: { image: "x", restartPolicy: { name: "always" } } }),
    ],
    [
      "a health check",
      fakeContainer(
        { meta: { name: "web" }, config: { image: "x" } },
        { health: { status: "starting", failingStreak: 0, log: [] } },
      ),
    ],
  ])("has a container with %s looked after", async (_, container) => {
    const [around] = host({}, [container]);
    expect(await around.main(...argv, "web")).toBe(0);
    expect(around.spawned).toEqual([
      ["--address", "/run/containerd/containerd.sock", "--namespace", "voiyd", "__supervise"],
    ]);
  });
});

describe("wait", () => {
  test("prints the exit codes in the order of the arguments", async () => {
    const [around, fake] = host({ wait: async (ref) => ({ exitCode: ref === "web" ? 3 : 137 }) });
    expect(await around.main("wait", "web", "db")).toBe(0);
    expect(around.stdout.text).toBe("3\n137\n");
    expect(fake.calls).toEqual([]);
  });

  test("says that an exit code is not known, and goes on past what is not there", async () => {
    const [around] = host({
      wait: async (ref) => {
        if (ref === "web") return { exitCode: "unknown" };
        throw new RuntimeError("NOT_FOUND", "no such container");
      },
    });
    expect(await around.main("wait", "nothing", "web")).toBe(1);
    expect([around.stdout.text, around.stderr.text]).toEqual(["unknown\n", "voiyd: no such container\n"]);
  });

  test("prints 0 for what was never started, as Docker does, and unknown for what is gone", async () => {
    const created = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } }, { phase: "created" });
    const [around] = host({ wait: () => Promise.resolve({ exitCode: "unknown" }) }, [created, db]);
    expect(await around.main("wait", "web", "db", "gone")).toBe(0);
    expect([around.stdout.text, around.stderr.text]).toEqual(["0\nunknown\nunknown\n", ""]);
  });

  test("is ended by a signal", async () => {
    const [around] = host({
      wait: (_ref, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
          around.raise("SIGINT");
        }),
    });
    expect(await around.main("wait", "web")).toBe(130);
  });
});

describe("__supervise", () => {
  test("goes on until nobody needs it any more", async () => {
    let until: unknown;
    let disposals = 0;
    const [around] = host({
      supervise: (options) => {
        until = options?.until;
        return {
          active: Promise.resolve(),
          ended: new Promise((resolve) => setTimeout(resolve, 1)),
          [Symbol.asyncDispose]: async () => {
            disposals += 1;
          },
        };
      },
    });
    expect(await around.main("__supervise")).toBe(0);
    expect([until, disposals]).toEqual(["idle", 1]);
  });
});

describe("update", () => {
  test.each<[string[], object]>([
    [["--cpus", "1.5", "-c", "512"], { resources: { cpus: 1.5, cpuShares: 512 } }],
    [["--cpu-period", "50000", "--cpu-quota", "25000"], { resources: { cpuPeriod: 50_000, cpuQuota: 25_000 } }],
    [
      ["--cpu-rt-period", "1000000", "--cpu-rt-runtime", "95000"],
      { resources: { cpuRealtimePeriod: 1_000_000, cpuRealtimeRuntime: 95_000 } },
    ],
    [["--cpuset-cpus", "0-1", "--cpuset-mems", "0"], { resources: { cpusetCpus: "0-1", cpusetMems: "0" } }],
    [["-m", "64m", "--memory-swap=-1"], { resources: { memory: 67_108_864, memorySwap: -1 } }],
    [["--memory-reservation", "32m"], { resources: { memoryReservation: 33_554_432 } }],
    [["--pids-limit", "0"], { resources: { pids: -1 } }],
    [["--blkio-weight", "100"], { resources: { blockIO: { weight: 100 } } }],
    [["--restart", "on-failure:3"], { restartPolicy: { name: "on-failure", maxRetries: 3 } }],
    [["--label-add", "a=b=c", "--label-add", "d", "--label-rm", "e"], { labels: { a: "b=c", d: "", e: null } }],
  ])("%j changes %j", async (options, changes) => {
    const [around, fake] = host();
    expect([await around.main("update", ...options, "web", "db"), around.stderr.text]).toEqual([0, ""]);
    expect(fake.calls.map((call) => call.split(" ")[1])).toEqual(["web", "db"]);
    expect(JSON.parse(fake.calls[0]?.replace(/^update web /, "") ?? "")).toEqual(changes);
    expect(around.stdout.text).toBe("web\ndb\n");
  });

  test.each([
    [["web"], "at least one option to change something"],
    [["--memory", "much", "web"], "--memory"],
    [["--cpus", "-1", "web"], "--cpus"],
    [["--pids-limit", "1.5", "web"], "--pids-limit"],
    [["--restart", "sometimes", "web"], "--restart"],
    [["--memory", "64m"], "at least one argument"],
  ])("%j is refused", async (argv, problem) => {
    const [around, fake] = host();
    expect(await around.main("update", ...argv)).toBe(1);
    expect(around.stderr.text).toContain(problem);
    expect(fake.calls).toEqual([]);
  });
});
