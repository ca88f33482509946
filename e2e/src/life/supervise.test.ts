import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import type { Container, ContainerConfig } from "@voiyd/runtime-api";
import { output, start, voiyd } from "../cli/voiyd.js";
import { outputOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { untilTrue, withoutBox } from "./box.js";

const CRASHING = ["sh", "-c", "echo life; exit 3"];

function box(stage: Stage, config: Partial<ContainerConfig>): { meta: { name: string }; config: ContainerConfig } {
  return { meta: { name: "box" }, config: { image: stage.busybox, network: "none", ...config } };
}

/** Looks at the box until it is so. */
async function boxThat(stage: Stage, is: (container: Container) => boolean): Promise<Container> {
  let found = await stage.main.runtime.get("box");
  await untilTrue(async () => {
    found = await stage.main.runtime.get("box");
    return is(found);
  });
  return found;
}

const restarts = ({ status }: Container): number => status.restartCount ?? 0;

await describeOnHost("supervision", (hostTest) => {
  const test = withoutBox(hostTest);

  test("a crash loop is started again with a growing back-off, and given up after so many times", async (stage) => {
    const { runtime } = stage.main;
    await using supervision = runtime.supervise();
    await supervision.active;
    await runtime.run(box(stage, { args: CRASHING, restartPolicy: { name: "on-failure", maxRetries: 3 } }));
    const given = await boxThat(
      stage,
      (box) => restarts(box) === 3 && box.status.phase === "exited" && box.status.restartAt === undefined,
    );
    expect(given.status).toMatchObject({ exitCode: 3, restartCount: 3 });
    expect((await outputOf(runtime, "box")).stdout).toBe("life\n".repeat(4));
    // Its owner's start is a new beginning.
    await runtime.start("box");
    await untilTrue(async () => (await outputOf(runtime, "box")).stdout === "life\n".repeat(8));
  });

  test("what ended well is left alone on failure, and started again always", async (stage) => {
    const { runtime } = stage.main;
    await using supervision = runtime.supervise();
    await supervision.active;
    await runtime.run(box(stage, { args: ["true"], restartPolicy: { name: "on-failure" } }));
    const always = {
      meta: { name: "crate" },
      config: { image: stage.busybox, network: "none", args: ["true"], restartPolicy: { name: "always" } },
    } as const;
    await runtime.run(always);
    await untilTrue(async () => restarts(await runtime.get("crate")) >= 2);
    expect((await runtime.get("box")).status).toMatchObject({ phase: "exited", exitCode: 0 });
    expect(restarts(await runtime.get("box"))).toBe(0);
    await runtime.delete("crate");
  });

  test("an owner's stop and kill hold, in the back-off too, over a change of the supervisor", async (stage) => {
    const { runtime } = stage.main;
    for (const end of ["stop", "kill"] as const) {
      {
        await using supervision = runtime.supervise();
        await supervision.active;
        await runtime.run(box(stage, { args: ["sleep", "1000"], restartPolicy: { name: "always" } }));
        await runtime[end]("box", { timeoutMs: 0 });
      }
      await using next = runtime.supervise();
      await next.active;
      await runtime.run({
        ...box(stage, { args: CRASHING, restartPolicy: { name: "always" } }),
        meta: { name: "crate" },
      });
      // The other one's restarts show that the supervisor is at work.
      await untilTrue(async () => restarts(await runtime.get("crate")) >= 2);
      await runtime.stop("crate");
      const lives = (await outputOf(runtime, "crate")).stdout;
      expect((await runtime.get("crate")).status).toMatchObject({ phase: "exited" });
      expect((await runtime.get("crate")).status.restartAt).toBeUndefined();
      expect((await runtime.get("box")).status).toMatchObject({ phase: "exited" });
      await runtime.update("box", { labels: { looked: "at" } });
      await runtime.delete("crate");
      expect(restarts(await runtime.get("box"))).toBe(0);
      expect(lives).toMatch(/^(life\n)+$/);
      await runtime.delete("box");
    }
  });

  test("a supervisor that is killed in mid back-off is succeeded by the one that stands by", async (stage) => {
    const { runtime } = stage.main;
    const first = start(stage, ["system", "supervise"]);
    await first.saw("supervising");
    await runtime.run(box(stage, { args: CRASHING, restartPolicy: { name: "always" } }));
    await using second = runtime.supervise();
    await boxThat(stage, (box) => restarts(box) >= 3 && box.status.restartAt !== undefined);
    first.signal("SIGKILL");
    await first.result;
    await second.active;
    const before = restarts(await runtime.get("box"));
    const after = await boxThat(stage, (box) => restarts(box) >= before + 2);
    expect(after.status.restartCount).toBeGreaterThan(4);
  });

  test("a start that is under way when its supervisor is told to end is finished", async (stage) => {
    const { runtime, client } = stage.main;
    await runtime.run(box(stage, { args: ["sleep", "1000"], restartPolicy: { name: "always" } }));
    const pid = (await runtime.get("box")).status.pid;
    {
      await using supervision = runtime.supervise();
      await supervision.active;
      const over = new AbortController();
      const starts = client.events.subscribe({ filters: [`topic=="/tasks/start"`] }, { signal: over.signal });
      const started = (async () => {
        // The daemon tells it before it answers who has asked for it.
        for await (const _ of starts) return;
      })();
      process.kill(Number(pid), "SIGKILL");
      await started;
      over.abort();
    }
    const { status } = await runtime.get("box");
    expect(status).toMatchObject({ phase: "running", restartCount: 1 });
    expect(status.pid).not.toBe(pid);
  });

  test("says nothing however many containers it looks after", async (stage) => {
    const { runtime } = stage.main;
    const names = Array.from({ length: 11 }, (_, index) => `many-${String(index)}`);
    const policy = { restartPolicy: { name: "always" } } as const;
    await Promise.all(
      names.map((name) => runtime.run({ ...box(stage, { args: ["sleep", "1000"], ...policy }), meta: { name } })),
    );
    await runtime.run(box(stage, { args: CRASHING, ...policy }));
    const supervisor = start(stage, ["system", "supervise"]);
    await boxThat(stage, (box) => restarts(box) >= 2);
    supervisor.signal("SIGTERM");
    expect((await supervisor.result).stderr).toBe("");
    await Promise.all(names.map((name) => runtime.delete(name)));
  });

  test("goes on after containerd was away", async (stage) => {
    const { runtime } = stage.main;
    await using supervision = runtime.supervise();
    await supervision.active;
    await runtime.run(box(stage, { args: CRASHING, restartPolicy: { name: "always" } }));
    await boxThat(stage, (box) => restarts(box) >= 2);
    await stage.host.restart("kill");
    await stage.main.client.waitUntilReady();
    const before = restarts(await runtime.get("box"));
    await boxThat(stage, (box) => restarts(box) >= before + 2);
  });

  test(
    "an image's health check is carried out: healthy, unhealthy, and restarted",
    async (stage) => {
      const { runtime } = stage.main;
      const config = {
        healthcheck: { Test: ["CMD-SHELL", "echo seen; test -e /well"], Interval: 100_000_000, Retries: 2 },
      };
      const image = await stage.publishBusybox("test/checked", { config });
      await runtime.pullImage(image);
      try {
        await using supervision = runtime.supervise();
        await supervision.active;
        const run = await runtime.run({
          meta: { name: "box" },
          config: {
            image,
            network: "none",
            args: ["sh", "-c", "touch /well; exec sleep 1000"],
            healthCheck: { restart: true },
          },
        });
        expect(run.status.health).toMatchObject({ status: "starting" });
        const healthy = await boxThat(stage, (box) => box.status.health?.status === "healthy");
        expect(healthy.status.health?.log.at(-1)).toMatchObject({ exitCode: 0, output: "seen\n" });
        await (
          await runtime.exec("box", { args: ["rm", "/well"] })
        ).exited;
        const again = await boxThat(stage, (box) => restarts(box) === 1 && box.status.health?.status === "healthy");
        expect(again.status.startedAt?.getTime()).toBeGreaterThan(run.status.startedAt?.getTime() ?? Infinity);
        await runtime.delete("box");
        const plain = await runtime.run({
          meta: { name: "box" },
          config: { image, network: "none", args: ["sleep", "1000"], healthCheck: { test: ["NONE"] } },
        });
        expect(plain.status.health).toBeUndefined();
        await runtime.delete("box");
      } finally {
        await runtime.removeImage(image, { force: true });
      }
    },
    { keepsImages: true },
  );

  test("a probe that takes too long, or cannot be started, is a failure", async (stage) => {
    const { runtime } = stage.main;
    await using supervision = runtime.supervise();
    await supervision.active;
    const healthCheck = { test: ["CMD", "sleep", "1000"], intervalMs: 50, timeoutMs: 100, retries: 2 };
    await runtime.run(box(stage, { args: ["sleep", "1000"], healthCheck }));
    const slow = await boxThat(stage, (box) => box.status.health?.status === "unhealthy");
    expect(slow.status.health?.log.at(-1)).toMatchObject({ exitCode: -1 });
    expect(slow.status.phase).toBe("running");
    await runtime.delete("box");
    await runtime.run(
      box(stage, { args: ["sleep", "1000"], healthCheck: { ...healthCheck, test: ["CMD", "no-such"] } }),
    );
    await boxThat(stage, (box) => box.status.health?.status === "unhealthy");
  });

  test("the command: a supervisor on demand that ends by itself, ps, update, inspect, and --rm refused", async (stage) => {
    expect(await voiyd(stage, "run", "-d", "--rm", "--restart", "always", stage.busybox)).toMatchObject({ code: 125 });
    expect(await voiyd(stage, "run", "-d", "--restart", "sometimes", stage.busybox)).toMatchObject({ code: 125 });
    const flags = ["--name", "box", "--network", "none", "--restart", "always"];
    await output(stage, "run", "-d", ...flags, stage.busybox, ...CRASHING);
    await untilTrue(async () => /Restarting \(3\) .* ago/.test(await output(stage, "ps")));
    expect(await output(stage, "inspect", "box")).toMatch(/"restartCount": \d/);
    await output(stage, "update", "--restart", "no", "box");
    await boxThat(stage, ({ status }) => status.phase === "exited" && status.restartAt === undefined);
    await output(stage, "rm", "-f", "box");
    const health = ["--health-cmd", "true", "--health-interval", "100ms"];
    await output(stage, "run", "-d", "--name", "box", "--network", "none", ...health, stage.busybox, "sleep", "1000");
    await untilTrue(async () => (await output(stage, "ps")).includes("(healthy)"));
    await output(stage, "rm", "-f", "box");
    await untilTrue(async () => !(await isSupervised(stage)));
  });
});

/** Whether a process of the command supervises this host's containers. */
async function isSupervised(stage: Stage): Promise<boolean> {
  const { readdir } = await import("node:fs/promises");
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.some((line) => line.includes("__supervise") && line.includes(stage.host.address));
}
