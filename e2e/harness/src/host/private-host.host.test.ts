import { afterEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../process/execute.js";
import { checkHost, formatMissing } from "../requirements/check-host.js";
import { runContainer, tracesOf } from "../testing/host-fixtures.js";
import { fullDisk } from "./full-disk.js";
import { type PrivateHost, type PrivateHostOptions, startPrivateHost } from "./private-host.js";

const machine = await checkHost();
if (!machine.usable)
  console.warn(`skipped, because this machine cannot run a private host:\n${formatMissing(machine)}`);
const onHost = machine.usable ? describe : describe.skip;

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function start(options: PrivateHostOptions = {}): Promise<PrivateHost> {
  const host = await startPrivateHost(options);
  open.push(host);
  return host;
}

onHost("a private host", () => {
  test("answers on its own socket, keeps everything in its own folder, and is gone afterwards", async () => {
    const host = await start();
    expect(await host.ctr("version")).toContain("Server:");
    expect((await readdir(host.root)).some((name) => name.startsWith("io.containerd.metadata"))).toBe(true);
    expect(host.env["CONTAINERD_ADDRESS"]).toBe(host.address);
    expect(host.bridge.length).toBeLessThanOrEqual(15);
    await host[Symbol.asyncDispose]();
    expect(await tracesOf(host)).toEqual([]);
  });

  test("has no CRI", async () => {
    expect(await (await start()).ctr("plugins", "list")).not.toMatch(/\bcri\b/u);
  });

  test("two at a time share neither folder, bridge nor subnet", async () => {
    const [one, two] = [await start(), await start()];
    expect(new Set([one.directory, two.directory, one.bridge, two.bridge, one.subnet, two.subnet]).size).toBe(6);
    await one.ctr("namespaces", "create", "only-here");
    expect(await two.ctr("namespaces", "list", "--quiet")).toBe("");
  });

  test.each(["terminate", "kill"] as const)("a container outlives a restart of the daemon by %s", async (how) => {
    const host = await start();
    await runContainer(host, "survivor");
    const [pid, tasks] = [host.pid, await host.ctr("tasks", "list")];
    await host.restart(how);
    expect(host.pid).not.toBe(pid);
    expect(await host.ctr("tasks", "list")).toBe(tasks);
  });

  test("stops and starts, and says what it did in its log", async () => {
    const host = await start();
    await host.stop();
    expect(host.pid).toBeUndefined();
    await expect(host.ctr("version")).rejects.toThrow("is stopped");
    await host.start();
    expect((await host.log()).match(/containerd successfully booted/gu)).toHaveLength(2);
  });

  test("ends running and paused containers, and their cgroups, with itself", async () => {
    const host = await start();
    await runContainer(host, "paused-voiyd-harness");
    await host.ctr("tasks", "pause", "paused-voiyd-harness");
    await host[Symbol.asyncDispose]();
    expect(await tracesOf(host)).toEqual([]);
    const cgroups = await execute("find", ["/sys/fs/cgroup", "-type", "d", "-name", "paused-voiyd-harness"], {
      accept: [1],
    });
    expect(cgroups.stdout).toBe("");
  });

  test("a folder of one's own choice is taken, refused while it lives, and taken again", async () => {
    const parent = await mkdtemp(join(tmpdir(), "vh-"));
    const directory = join(parent, "host");
    const host = await start({ directory });
    await expect(startPrivateHost({ directory })).rejects.toThrow(`is the private host of process ${process.pid}`);
    await host[Symbol.asyncDispose]();
    await (await start({ directory }))[Symbol.asyncDispose]();
    await rm(parent, { recursive: true });
  });

  test("a daemon that cannot start tells its last words and leaves nothing", async () => {
    const parent = await mkdtemp(join(tmpdir(), "vh-"));
    const program = join(parent, "containerd");
    await writeFile(program, "#!/bin/sh\necho no such luck\nexit 1\n", { mode: 0o755 });
    const path = process.env["PATH"];
    process.env["PATH"] = `${parent}:${path ?? ""}`;
    try {
      await expect(startPrivateHost({ directory: join(parent, "host") })).rejects.toThrow("no such luck");
    } finally {
      process.env["PATH"] = path;
    }
    expect(await readdir(parent)).toEqual(["containerd"]);
    await rm(parent, { recursive: true });
  });
});

onHost("a full disk", () => {
  test("is full for the daemon, and is given back", async () => {
    const host = await start({ tmpfsSizeMiB: 32 });
    const disk = await fullDisk(host);
    const ingest = () =>
      execute("ctr", ["--address", host.address, "content", "ingest", "big"], { input: Buffer.alloc(1024 * 1024) });
    await expect(ingest()).rejects.toThrow("no space left on device");
    await disk[Symbol.asyncDispose]();
    await expect(ingest()).resolves.toBeDefined();
  });

  test("is refused where others use the disk too", async () => {
    await expect(fullDisk(await start())).rejects.toThrow("no tmpfs of its own");
  });
});
