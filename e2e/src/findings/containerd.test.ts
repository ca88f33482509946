import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { settledDifference, takeInventory } from "@voiyd/harness";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { outputOf, refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const run = promisify(execFile);

function sleeper(stage: Stage, name: string): ContainerRequest {
  return { meta: { name }, config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" } };
}

/** The shim processes of the stage's daemon, as the kernel lists them. */
async function shims(stage: Stage): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
      return command.includes("containerd-shim") && command.includes(stage.host.address) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

await describeOnHost("what is known of containerd", (test) => {
  test("F1: a record is never deleted while its task runs, so no task is orphaned", async (stage) => {
    const { runtime, client } = stage.main;
    const { status } = await runtime.run(sleeper(stage, "f1"));
    await runtime.delete("f1");
    const { tasks } = await client.tasks.list({});
    expect(tasks.map((task) => task.id)).not.toContain(status.id);
    expect(() => process.kill(status.pid ?? 0, 0)).toThrow("ESRCH");
  });

  test("F2: a task whose record somebody deleted is removed by its id", async (stage) => {
    const { runtime, client } = stage.main;
    const { status } = await runtime.run(sleeper(stage, "f2"));
    await client.containers.delete({ id: status.id });
    await runtime.delete(status.id);
    // Its name went with its record; the name's reservation is found by the name.
    await runtime.delete("f2");
    await runtime.run(sleeper(stage, "f2"));
    await runtime.delete("f2");
  });

  test("F3, F4: nothing is left to a lease or to the collector: a container is gone when delete resolves", async (stage) => {
    const { runtime, client } = stage.main;
    await runtime.run(sleeper(stage, "f3"));
    const during = await client.leases.list({});
    expect(during.leases.map(({ id }) => id)).toEqual(["voiyd/name/f3"]);
    await runtime.delete("f3");
    expect((await client.leases.list({})).leases).toEqual([]);
  });

  test("F5: a daemon that is killed while a task is made leaves no shim after the delete", async (stage) => {
    const { runtime } = stage.main;
    const before = await takeInventory(stage.host);
    for (const moment of [20, 60, 100]) {
      const run = runtime.run(sleeper(stage, "f5")).then(
        () => undefined,
        (error: unknown) => error,
      );
      await sleep(moment);
      await stage.host.restart("kill");
      await run;
      await stage.main.client.waitUntilReady();
      await runtime.delete("f5");
      // A shim that has been told to go takes a moment.
      expect(await settledDifference(stage.host, before)).toEqual([]);
    }
  });

  test("F7: the streams stay apart, in files that only root may read", async (stage) => {
    const { runtime, client } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "f7" },
      config: { image: stage.busybox, args: ["sh", "-c", "echo out; echo err >&2; sleep 1000"], network: "none" },
    });
    const { process } = await client.tasks.get({ containerId: status.id });
    expect(process?.stdout).toMatch(/^\/.*\/stdout\.log$/);
    for (const path of [process?.stdout ?? "", process?.stderr ?? ""]) {
      expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
    }
    expect(((await stat(join(process?.stdout ?? "", ".."))).mode & 0o777).toString(8)).toBe("700");
    await runtime.kill("f7");
    expect(await outputOf(runtime, "f7")).toEqual({ stdout: "out\n", stderr: "err\n" });
    await runtime.delete("f7");
  });

  test("F8, F10: nobody has to read: there is no FIFO, and a container that writes much is not held up", async (stage) => {
    const { runtime } = stage.main;
    const megabytes = 8;
    await runtime.run({
      meta: { name: "f8" },
      config: { image: stage.busybox, args: ["dd", "if=/dev/zero", "bs=1M", `count=${megabytes}`], network: "none" },
    });
    expect(await runtime.wait("f8")).toMatchObject({ exitCode: 0 });
    const { stdout } = await runtime.io("f8");
    expect((await textOf(stdout)).length).toBe(megabytes * 1024 * 1024);
    await runtime.delete("f8");
  });

  test("F9: a container whose log's disk is full says so, and a log cannot grow without bound", async (stage) => {
    const small = join(stage.directory, "small");
    await mkdir(small);
    await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
    await using other = stage.open({ logDirFmt: join(small, "%s", "log") });
    try {
      await other.runtime.run({
        ...sleeper(stage, "f9"),
        config: { image: stage.busybox, args: ["sh", "-c", "yes; sleep 1000"], network: "none" },
      });
      let error: string | undefined;
      for (let left = 100; error === undefined && left > 0; left--) {
        error = (await other.runtime.get("f9")).status.error;
        await sleep(100);
      }
      expect(error).toContain("disk of its log is full");
      await other.runtime.delete("f9");
    } finally {
      await run("umount", [small]);
    }
  });

  test("F12, F16: an exit that nobody can know is unknown, not a number", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run(sleeper(stage, "f16"));
    const waiting = runtime.wait("f16");
    for (const pid of await shims(stage)) process.kill(pid, "SIGKILL");
    const exit = await waiting;
    // The daemon may have seen the end of the process it killed: then, and only then, there is a code.
    expect(exit.exitCode === "unknown" || exit.exitCode === 137).toBe(true);
    await runtime.delete("f16");
  });

  test("F13: a stop that comes too late, and a second one, are no errors", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({ meta: { name: "f13" }, config: { image: stage.busybox, args: ["true"], network: "none" } });
    await runtime.wait("f13");
    await runtime.stop("f13");
    await runtime.stop("f13");
    await runtime.kill("f13");
    expect((await runtime.get("f13")).status).toMatchObject({ phase: "exited", exitCode: 0 });
    await runtime.delete("f13");
  });

  test("F15: an exit while the daemon is away is known afterwards", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "f15" },
      config: { image: stage.busybox, args: ["sh", "-c", "sleep 1; exit 7"], network: "none" },
    });
    const waiting = runtime.wait("f15");
    await stage.host.stop("kill");
    await sleep(2_000);
    await stage.host.start();
    expect(await waiting).toMatchObject({ exitCode: 7 });
    expect((await runtime.get("f15")).status).toMatchObject({ phase: "exited", exitCode: 7 });
    await runtime.delete("f15");
  });

  test("F15: a wait outlives a restart of the daemon and of the client", async (stage) => {
    await stage.main.runtime.run({
      meta: { name: "f15b" },
      config: { image: stage.busybox, args: ["sh", "-c", "sleep 2; exit 9"], network: "none" },
    });
    await using other = stage.open();
    const waiting = other.runtime.wait("f15b");
    await stage.host.restart("terminate");
    expect(await waiting).toMatchObject({ exitCode: 9 });
    await stage.main.runtime.delete("f15b");
  });

  test(
    "F17: a list of more than a message can hold arrives whole",
    async (stage) => {
      const { client, runtime } = stage.main;
      const padding = "x".repeat(20_000);
      const ids = Array.from({ length: 900 }, (_, index) => `f17-${index}`);
      const spec = {
        typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Spec",
        value: new TextEncoder().encode(`{"x":"${padding}"}`),
      };
      for (let start = 0; start < ids.length; start += 50) {
        await Promise.all(
          ids.slice(start, start + 50).map((id) =>
            client.containers.create({
              container: { id, labels: { "voiyd.io/name": id }, runtime: { name: "io.containerd.runc.v2" }, spec },
            }),
          ),
        );
      }
      expect(await runtime.list()).toHaveLength(ids.length);
      await Promise.all(ids.map((id) => client.containers.delete({ id })));
    },
    { timeoutMs: 300_000 },
  );

  test("F19: no label of a user or an image reaches containerd's own plugins", async (stage) => {
    const labels = { "containerd.io/restart.status": "running", "containerd.io/restart.loguri": "binary:///bin/false" };
    const answer = await refusal(
      stage.main.runtime.run({ meta: { name: "f19", labels }, config: { image: stage.busybox, args: ["true"] } }),
    );
    expect(answer).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("F20: a container is under seccomp, has fourteen capabilities and gains no privileges", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "f20" },
      config: {
        image: stage.busybox,
        args: [
          "sh",
          "-c",
          "grep -E '^(Seccomp|NoNewPrivs|CapEff|CapInh|CapAmb):' /proc/self/status; unshare -U true || echo refused",
        ],
        network: "none",
      },
    });
    const { stdout } = await outputOf(runtime, "f20");
    expect(stdout).toContain("Seccomp:\t2\n");
    expect(stdout).toContain("NoNewPrivs:\t1\n");
    expect(stdout).toContain("CapEff:\t00000000a80425fb\n");
    expect(stdout).toContain("CapInh:\t0000000000000000\n");
    expect(stdout).toContain("CapAmb:\t0000000000000000\n");
    expect(stdout).toContain("refused\n");
    await runtime.delete("f20");
  });

  test("F20: names with dots, and names that begin like others, are told apart", async (stage) => {
    const { runtime } = stage.main;
    for (const name of ["a", "a.b", "a.b.c"]) await runtime.run(sleeper(stage, name));
    for (const name of ["a", "a.b", "a.b.c"]) expect((await runtime.get(name)).meta.name).toBe(name);
    expect(await refusal(runtime.get("a."))).toMatchObject({ code: "NOT_FOUND" });
    for (const name of ["a", "a.b", "a.b.c"]) await runtime.delete(name);
  });
});
