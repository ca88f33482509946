import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type PrivateHost, startPrivateHost } from "../host/private-host.js";
import { execute } from "../process/execute.js";
import { checkHost, formatMissing } from "../requirements/check-host.js";
import { collectGarbage, importBusybox } from "../testing/host-fixtures.js";
import { PLANTS } from "../testing/plants.js";
import { diffInventory, formatDifference } from "./diff-inventory.js";
import { expectNoLeaks, withLeakCheck } from "./leak-check.js";
import { LeakWatch } from "./leak-watch.js";
import type { LeakInventory } from "./leak-inventory.js";
import { takeInventory } from "./take-inventory.js";

const machine = await checkHost();
if (!machine.usable)
  console.warn(`skipped, because this machine cannot run a private host:\n${formatMissing(machine)}`);
const onHost = machine.usable ? describe : describe.skip;

const ns = ["--namespace", "planted"] as const;

onHost("the leak inventory", () => {
  let host: PrivateHost;
  let before: LeakInventory;
  beforeAll(async () => {
    host = await startPrivateHost();
    await importBusybox(host);
    await host.ctr(...ns, "images", "import", join(host.directory, "image.tar"));
    await collectGarbage(host); // an import leaves the content of other platforms to the collector
    before = await takeInventory(host);
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
  });

  test("of a host at rest is the same every time, and empty but for the images", async () => {
    expect(await takeInventory(host)).toEqual(before);
    const { images, layers, blobs, ...rest } = before;
    expect(images).toEqual(["default/example.org/busybox:1", "planted/example.org/busybox:1"]);
    expect([layers.length, blobs.length]).toEqual([4, 10]);
    expect(Object.values(rest).flat()).toEqual([]);
  });

  test.each(Object.entries(PLANTS))(
    "shows %s, and nothing once it is gone",
    async (_name, { kinds, entry, plant, remove }) => {
      await plant(host);
      const differences = diffInventory(before, await takeInventory(host));
      await remove(host);
      expect([...new Set(differences.map(({ kind }) => kind))].toSorted()).toEqual(kinds.toSorted());
      expect(
        differences.map(({ change, entry: text }) => `${change} ${text.replace(/ \(blkio.*| \(.*unified\)/u, "")}`),
      ).toContain(`left ${entry(host)}`);
      await expectNoLeaks(host, before);
    },
  );

  test("shows a running container in every kind that it is in, and nothing once it is deleted", async () => {
    await host.ctr("run", "--detach", "example.org/busybox:1", "seen", "sh", "-c", "sleep 1000 & wait");
    const processes = ["default/seen: sh -c sleep 1000 & wait", "default/seen: sleep 1000"];
    let after = await takeInventory(host);
    // The shell has been started, and what it starts comes a moment later.
    for (let attempt = 0; attempt < 50 && after.processes.length < processes.length; attempt++) {
      await sleep(100);
      after = await takeInventory(host);
    }
    await host.ctr("tasks", "delete", "--force", "seen");
    await host.ctr("containers", "delete", "seen");
    expect(after.processes.toSorted()).toEqual(processes);
    const kinds = new Set(diffInventory(before, after).map(({ kind }) => kind));
    expect([...kinds]).toEqual([
      "containers",
      "tasks",
      "shims",
      "processes",
      "snapshots",
      "mounts",
      "fifos",
      "cgroups",
      "bundles",
      "workDirs",
      "runcStates",
    ]);
    await expectNoLeaks(host, before);
  });

  test("shows an upload that was begun and not finished", async () => {
    const args = ["--address", host.address, ...ns, "content", "ingest", "half"];
    const upload = spawn("ctr", args, { stdio: ["pipe", "ignore", "inherit"] });
    upload.stdin.write(Buffer.alloc(64));
    let after = await takeInventory(host);
    while (after.ingests.length === 0) after = await takeInventory(host);
    upload.kill("SIGKILL");
    await once(upload, "exit");
    after = await takeInventory(host);
    expect(formatDifference(diffInventory(before, after))).toBe("ingests:\n  + planted/half");
    await execute("ctr", args, { input: Buffer.alloc(64) });
    const blobs = diffInventory(before, await takeInventory(host), { content: true });
    expect(blobs.map(({ kind }) => kind)).toEqual(["blobs"]);
    await host.ctr(...ns, "content", "delete", ...blobs.map(({ entry }) => entry.replace("planted/", "")));
    await expectNoLeaks(host, before, { content: true });
  });

  test("shows the socket of a shim that died, until the host ends", async () => {
    await host.ctr("run", "--detach", "example.org/busybox:1", "shot", "sleep", "1000");
    const socket = (
      await readFile(join(host.state, "io.containerd.runtime.v2.task", "default", "shot", "address"), "utf8")
    ).replace("unix://", "");
    await host.ctr("tasks", "delete", "--force", "shot");
    await host.ctr("containers", "delete", "shot");
    // Node removes the file of a socket when it closes it, so a dead one is made of a renamed one.
    const server = createServer().listen(`${socket}.new`);
    await new Promise((resolve) => server.once("listening", resolve));
    await execute("mv", [`${socket}.new`, socket]);
    await new Promise((resolve) => server.close(resolve));
    expect((await takeInventory(host)).shimSockets).toEqual([`${socket} of default/shot`]);
    await rm(socket);
    await expectNoLeaks(host, before);
  });

  test("does not show another host's containers, which the whole machine's has", async () => {
    await using other = await startPrivateHost();
    await importBusybox(other);
    await other.ctr("run", "--detach", "example.org/busybox:1", "neighbour", "sleep", "1000");
    expect(formatDifference(diffInventory(before, await takeInventory(host)))).toBe("");
    const all = await takeInventory(host, { scope: "machine" });
    expect(all.shims).toContain("default/neighbour");
    expect(all.cgroups.join()).toContain("default/neighbour");
  });

  test("a check passes what comes to rest in time, and throws what does not, with the failure that came before", async () => {
    const lease = ["leases", "create", "--id", "forgotten"];
    expect(await withLeakCheck(host, () => Promise.resolve("result"))).toBe("result");
    const failing = withLeakCheck(
      host,
      () => host.ctr(...lease).then(() => Promise.reject(new Error("the work failed"))),
      { settleMs: 0 },
    );
    await expect(failing).rejects.toThrow(
      /the work failed\nand the host is not as it was before\nleases:\n {2}\+ default\/forgotten/u,
    );
    await expect(withLeakCheck(host, () => host.ctr("leases", "delete", "forgotten"), { settleMs: 0 })).rejects.toThrow(
      "  - default/forgotten",
    );
    await expect(withLeakCheck(host, () => Promise.reject(new Error("only this")))).rejects.toThrow(/^only this$/u);
    await withLeakCheck(host, async () => {
      await host.ctr(...lease);
      setTimeout(() => void host.ctr("leases", "delete", "forgotten"), 300);
    });
  });

  test("a watch goes on from what the test before has left, and tells what breaks a rule without being a leak", async () => {
    const watch = new LeakWatch(host);
    expect(await watch.check(() => Promise.resolve("result"))).toBe("result");
    const file = join(host.confDir, "open.conflist");
    await writeFile(file, "{}", { mode: 0o600 });
    await expect(watch.check(() => chmod(file, 0o666))).rejects.toThrow(
      `the host at rest breaks rules:\nI-19: ${file} can be written by others`,
    );
    await rm(file);
    await expect(watch.check(() => host.ctr("leases", "create", "--id", "forgotten"), { settleMs: 0 })).rejects.toThrow(
      "+ default/forgotten",
    );
    // What one test has left is not told once more by the next.
    await watch.check(() => Promise.resolve(), { settleMs: 0 });
    await host.ctr("leases", "delete", "forgotten");
  });
});
