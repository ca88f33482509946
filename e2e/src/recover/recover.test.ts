import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { execute, settledDifference, takeInventory } from "@voiyd/harness";
import { type ContainerRequest, generateId, type RecoverReport } from "@voiyd/runtime-api";
import { ShimControl } from "../faults/tools/shim-control.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

/** What a process was called that is dead for good. */
const DEAD = "1:0:another-boot";

function request(stage: Stage, name: string, network = "none"): ContainerRequest {
  return { meta: { name }, config: { image: stage.busybox, args: ["sleep", "1000"], network } };
}

const TASKS = "io.containerd.runtime.v2.task";

/** What a containerd leaves that dies before its shim has started, or while it removes a task. */
async function plantBundle({ host }: Stage, id: string, name: string = id): Promise<string> {
  const bundle = join(host.state, TASKS, "voiyd", name);
  const work = join(host.root, TASKS, "voiyd", id);
  await mkdir(bundle, { mode: 0o700 });
  await mkdir(work, { recursive: true });
  await symlink(work, join(bundle, "work"));
  await writeFile(join(bundle, "config.json"), "{}");
  // What the daemon of today has made may be of a task that it is just making: this one seems to have come later.
  const soon = new Date(Date.now() + 1_000);
  await utimes(host.address, soon, soon);
  return bundle;
}

function kindsOf(report: RecoverReport): string[] {
  return [...new Set(report.found.map(({ kind }) => kind))].sort();
}

/** Nothing failed, everything was done, and there is nothing for a second time. */
async function expectRecovered(stage: Stage, kinds: readonly string[]): Promise<void> {
  const { runtime } = stage.main;
  const dry = await runtime.recover({ dryRun: true });
  expect(kindsOf(dry)).toEqual([...kinds].sort());
  expect(dry).toMatchObject({ dryRun: true, done: [], failed: [] });
  const report = await runtime.recover();
  expect(kindsOf(report)).toEqual([...kinds].sort());
  expect(report.failed).toEqual([]);
  expect(report.done).toHaveLength(report.found.length);
  expect(await runtime.recover()).toEqual({ dryRun: false, found: [], done: [], failed: [] });
}

await describeOnHost("recover", (test) => {
  test("finds nothing where everything is in order, and touches nothing", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run(request(stage, "one", "voiyd"));
    await runtime.create(request(stage, "two"));
    await runtime.run({
      ...request(stage, "three"),
      config: { image: stage.busybox, args: ["true"], network: "none" },
    });
    await runtime.wait("three");
    const before = await takeInventory(stage.host);
    await expectRecovered(stage, []);
    expect(await settledDifference(stage.host, before, { settleMs: 0 })).toEqual([]);
    await Promise.all(["one", "two", "three"].map((name) => runtime.delete(name)));
  });

  test("removes a container whose maker or remover died, and leaves one alone whose maker lives", async (stage) => {
    const { runtime } = stage.main;
    await stage.main.runtime.run(request(stage, "half", "voiyd"));
    await runtime.run(request(stage, "going"));
    await runtime.run(request(stage, "working"));
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    const living = await identityOf(child.pid ?? 0);
    await label(stage, await runtime.id("half"), "creating", DEAD);
    await label(stage, await runtime.id("going"), "deleting", DEAD);
    const working = await runtime.id("working");
    await label(stage, working, "creating", living);
    await expectRecovered(stage, ["container"]);
    expect((await runtime.list()).map(({ meta }) => meta.name)).toEqual(["working"]);
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    await expectRecovered(stage, ["container"]);
  });

  test("frees a name, and removes a pull's lease with what it half wrote, when their process is dead", async (stage) => {
    const { client } = stage.main;
    const labels = { "voiyd.io/name": "ghost", "voiyd.io/id": generateId(), "voiyd.io/instance": DEAD };
    await client.leases.create({ id: "voiyd/name/ghost", labels });
    await client.leases.create({ id: "voiyd/pull/ghost", labels: { "voiyd.io/instance": DEAD } });
    await client.leases.create({ id: "of-somebody-else", labels: { "voiyd.io/instance": DEAD } });
    await expectRecovered(stage, ["name", "lease"]);
    await client.leases.delete({ id: "of-somebody-else" });
  });

  test("finishes a change of name whose process died: the logs follow the container", async (stage) => {
    const { containersDir } = stage.host;
    const { client, runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "before" },
      config: { image: stage.busybox, args: ["sh", "-c", "echo kept"], network: "none" },
    });
    await runtime.wait("before");
    await runtime.rename("before", "after");
    // As it is between the new name's being written and the moving of the logs.
    await rename(join(containersDir, "after"), join(containersDir, "before"));
    const labels = { "voiyd.io/name": "before", "voiyd.io/id": status.id, "voiyd.io/instance": DEAD };
    await client.leases.create({ id: "voiyd/name/before", labels });
    // The folder of an even earlier name, as it is between the moving and the removal.
    await mkdir(join(containersDir, "first"));
    await expectRecovered(stage, ["name", "log"]);
    expect(await readFile(join(containersDir, "after", "log", "stdout.log"), "utf8")).toBe("kept\n");
    expect(await readdir(containersDir)).toEqual(["after"]);
    await runtime.delete("after");
  });

  test("ends a task whose record was deleted, and removes its network, files and logs", async (stage) => {
    const { client, runtime } = stage.main;
    const { status } = await runtime.run(request(stage, "orphan", "voiyd"));
    await client.containers.delete({ id: status.id });
    await client.leases.delete({ id: "voiyd/name/orphan" });
    const report = await runtime.recover();
    expect(report.failed).toEqual([]);
    expect(kindsOf(report)).toEqual(expect.arrayContaining(["log", "network", "task"]));
    expect((await runtime.recover()).found).toEqual([]);
  });

  test("removes log folders, state folders and snapshots that nobody knows", async (stage) => {
    const { client } = stage.main;
    const { snapshotter, stateDir, containersDir } = stage.host;
    await mkdir(join(containersDir, "nobody", "log"), { recursive: true });
    await writeFile(join(containersDir, "nobody", "log", "stdout.log"), "x");
    await mkdir(join(stateDir, `voiyd-${generateId()}`));
    await mkdir(join(stateDir, `other-${generateId()}`));
    await client.snapshots.prepare({ snapshotter, key: generateId(), parent: "" });
    await expectRecovered(stage, ["files", "log", "snapshot"]);
    await execute("sh", ["-c", `rmdir ${stateDir}/other-*`]);
  });

  test("removes the folders that a dying daemon left of tasks, and nothing else's", async (stage) => {
    const { host } = stage;
    const { runtime } = stage.main;
    const { status } = await runtime.run(request(stage, "living"));
    const ids = [generateId(), generateId()];
    const [half = "", hidden = ""] = ids;
    const bundle = await plantBundle(stage, half);
    await mkdir(join(bundle, "rootfs"));
    await execute("mount", ["-t", "tmpfs", "none", join(bundle, "rootfs")]);
    await writeFile(join(bundle, "rootfs", "file"), "x");
    await plantBundle(stage, hidden, `.${hidden}`);
    // Not of a name that is ours, and of another namespace.
    await mkdir(join(host.state, TASKS, "voiyd", "of-somebody-else"));
    await mkdir(join(host.state, TASKS, "other", generateId()), { recursive: true });
    const report = await runtime.recover();
    expect(report.failed).toEqual([]);
    expect(report.done.map(({ kind, subject }) => [kind, subject]).sort()).toEqual(
      ids.map((id) => ["bundle", id]).sort(),
    );
    expect((await runtime.recover()).found).toEqual([]);
    expect((await readdir(join(host.state, TASKS, "voiyd"))).sort()).toEqual([status.id, "of-somebody-else"].sort());
    expect((await runtime.get("living")).status.phase).toBe("running");
    await execute("sh", ["-c", `rmdir ${host.state}/${TASKS}/voiyd/of-somebody-else ${host.state}/${TASKS}/other/*`]);
    await execute("rmdir", [join(host.state, TASKS, "other")]);
    await runtime.delete("living");
  });

  test("ends a shim that its daemon has given up, and leaves one that works for somebody", async (stage) => {
    const { address, directory } = stage.host;
    const { status } = await stage.main.runtime.run(request(stage, "living"));
    // A shell by the name of a shim, that waits without a process of its own, in a folder that goes.
    const program = join(directory, "containerd-shim-stray");
    await copyFile("/bin/sh", program);
    const shimOf = (namespace: string): ChildProcess => {
      const args = ["-c", "read line", "-namespace", namespace, "-id", generateId(), "-address", address];
      return spawn(program, args, { cwd: bundle, stdio: ["pipe", "ignore", "ignore"] });
    };
    const bundle = join(directory, "bundle");
    await mkdir(bundle);
    const [stray, other] = [shimOf("voiyd"), shimOf("other")];
    await Promise.all([once(stray, "spawn"), once(other, "spawn")]);
    const ended = once(stray, "close");
    await rmdir(bundle);
    const report = await stage.main.runtime.recover();
    expect(report).toMatchObject({ failed: [], done: [{ kind: "shim", meaning: "its daemon has given it up" }] });
    expect((await ended)[1]).toBe("SIGKILL");
    expect((await stage.main.runtime.recover()).found).toEqual([]);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    const closed = once(other, "close");
    other.kill("SIGKILL");
    await closed;
    await rm(program);
    expect((await stage.main.runtime.get("living")).status).toMatchObject({ phase: "running", id: status.id });
    await stage.main.runtime.delete("living");
  });

  test("a bundle in the way of a container's next task is found, and a start goes past it by itself", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run(request(stage, "again"));
    await runtime.stop("again", { timeoutMs: 0 });
    await plantBundle(stage, status.id);
    await expectRecovered(stage, ["bundle"]);
    await plantBundle(stage, status.id);
    await runtime.start("again");
    expect((await runtime.get("again")).status.phase).toBe("running");
    await runtime.stop("again", { timeoutMs: 0 });
    await plantBundle(stage, status.id);
    // The leak check after the test sees that the delete took it along.
    await runtime.delete("again");
  });

  test("keeps another namespace's containers, logs and snapshots", async (stage) => {
    await using other = stage.open({ namespace: "other" });
    await other.runtime.pullImage(stage.busybox);
    await other.runtime.run(request(stage, "theirs", "voiyd"));
    await expectRecovered(stage, []);
    expect((await other.runtime.get("theirs")).status.phase).toBe("running");
    await other.runtime.delete("theirs");
    await other.runtime.removeImage(stage.busybox);
  });

  test("writes down the exit of a container that ended while nobody watched", async (stage) => {
    const { client, runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "short" },
      config: { image: stage.busybox, args: ["sh", "-c", "exit 7"], network: "none" },
    });
    await runtime.wait("short");
    const masks = { paths: ["extensions.voiyd.io/exit"] };
    await client.containers.update({ container: { id: status.id }, updateMask: masks });
    await expectRecovered(stage, ["exit"]);
    await client.tasks.delete({ containerId: status.id });
    expect((await runtime.get("short")).status).toMatchObject({ phase: "exited", exitCode: 7 });
    await runtime.delete("short");
  });

  test("ends in time beside a frozen shim, and leaves its container", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run(request(stage, "frozen"));
    {
      using shim = await ShimControl.of(stage, status.id);
      await shim.freeze();
      expect((await runtime.recover()).found).toEqual([]);
    }
    expect((await runtime.get("frozen")).status.phase).toBe("running");
    await runtime.delete("frozen");
  });
});

async function label(stage: Stage, id: string, phase: string, instance: string): Promise<void> {
  const labels = { "voiyd.io/phase": phase, "voiyd.io/instance": instance };
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  await stage.main.client.containers.update({ container: { id, labels }, updateMask: { paths } });
}

async function identityOf(pid: number): Promise<string> {
  const { stdout } = await execute("sh", [
    "-c",
    `printf '%s:%s:%s' ${String(pid)} "$(sed 's/.*) //' /proc/${String(pid)}/stat | cut -d' ' -f20)" "$(cat /proc/sys/kernel/random/boot_id)"`,
  ]);
  return stdout;
}
