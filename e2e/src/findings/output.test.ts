import { execFile } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { ShimControl } from "../faults/tools/shim-control.js";
import { outputOf, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { sleeper } from "./sleeper.js";

const run = promisify(execFile);

/** Node's pool has four threads for files: more openings than that which wait would end all work with files. */
const MORE_THAN_THE_POOL = 8;

await describeOnHost("what containers write and read", (test) => {
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

  test("F8: nobody has to read: there is no FIFO, and a container that writes much is not held up", async (stage) => {
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

  test("F10: opening FIFOs takes no thread, so a shim that does not answer stops no work with files", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run(sleeper(stage, "f10"));
    const shim = await ShimControl.of(stage, status.id);
    await shim.freeze();
    const starting = Array.from({ length: MORE_THAN_THE_POOL }, () =>
      runtime.exec("f10", { args: ["cat"], stdin: true }),
    );
    try {
      // By now each of them has come as far as it can.
      await sleep(1_000);
      const file = join(stage.directory, "f10");
      await mkdir(file);
      const looks = Array.from({ length: MORE_THAN_THE_POOL }, async () => (await stat(file)).isDirectory());
      expect(await Promise.all(looks)).not.toContain(false);
    } finally {
      shim.thaw();
    }
    for (const process of await Promise.all(starting)) {
      await process.stdin?.getWriter().close();
      expect(await process.exited).toMatchObject({ exitCode: 0 });
    }
    await runtime.delete("f10");
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
});
