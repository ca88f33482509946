import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { failing, FakeWorld } from "../testing/doubles.js";

const V11 = ["0.4.0", "1.0.0", "1.1.0"];
let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.executor.versions = { one: V11, two: V11, three: V11, old: ["1.0.0"] };
  const versions = { cniVersions: V11 };
  world.writeList("net", [{ type: "one" }, { type: "two" }, { type: "three" }], versions);
  world.writeList("aged", [{ type: "old" }], versions);
  world.writeList("never", [{ type: "one" }], { ...versions, disableGC: true });
  world.writeList("theirs", [{ type: "one" }], versions);
});
afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

const attach = (containerId: string, ...networks: readonly string[]): Promise<unknown> =>
  world.manager.attach({ containerId, networks });

describe("GC of plugins", () => {
  test("goes to plugins of 1.1.0 with all that stays, in the order of the list, past errors", async () => {
    await attach("c1", "net", "aged");
    await attach("c2", "net", "never");
    await attach("c3", "net");
    world.executor.calls.length = 0;
    world.executor.behaviour = ({ command, plugin }) => {
      if (command !== "GC") return undefined;
      return plugin === "one" ? failing(3, "missing containerID") : plugin === "two" ? failing(100, "boom") : undefined;
    };
    const report = await world.manager.gc(["c1", { containerId: "elsewhere", ifName: "eth7" }]);
    expect(report.attachments).toEqual([
      { containerId: "c2", ifName: "eth0", network: "net" },
      { containerId: "c3", ifName: "eth0", network: "net" },
    ]);
    expect(report.plugins).toEqual([
      { network: "aged", plugin: "old", outcome: "unsupported" },
      { network: "net", plugin: "one", outcome: "unsupported" },
      { network: "net", plugin: "two", outcome: "failed", message: expect.stringContaining("boom") },
      { network: "net", plugin: "three", outcome: "collected" },
    ]);
    const calls = world.executor.calls.filter(({ command }) => command === "GC");
    expect(calls.map(({ plugin }) => plugin)).toEqual(["one", "two", "three"]);
    expect(calls[0]?.stdin["cni.dev/valid-attachments"]).toEqual([
      { containerID: "c1", ifname: "eth0" },
      { containerID: "elsewhere", ifname: "eth7" },
    ]);
    expect(calls[0]?.env).toMatchObject({ CNI_CONTAINERID: "", CNI_NETNS: "", CNI_IFNAME: "" });
    // A list that wants no GC gets none, and keeps what it has.
    expect((await world.manager.list()).map(({ containerId }) => containerId)).toEqual(["c1", "c2"]);
  });

  test("is only announced in a dry run", async () => {
    await attach("c1", "net");
    world.executor.calls.length = 0;
    const { plugins } = await world.manager.gc(["c1"], { dryRun: true });
    expect(plugins.map(({ outcome }) => outcome)).toEqual(["due", "due", "due"]);
    expect(world.executor.calls).toEqual([]);
  });

  test("what cannot be detached is told, and still counts as in use", async () => {
    await attach("c1", "net");
    world.executor.behaviour = ({ command, plugin }) =>
      command === "DEL" && plugin === "two" ? failing(100, "stuck") : undefined;
    const report = await world.manager.gc(["c9"]);
    expect(report.attachments).toEqual([]);
    expect(report.failed).toEqual([{ what: "container c1", message: expect.stringContaining("stuck") }]);
    const [call] = world.executor.calls.filter(({ command }) => command === "GC");
    expect(call?.stdin["cni.dev/valid-attachments"]).toContainEqual({ containerID: "c1", ifname: "eth0" });
  });

  test("one interface of a container goes, the other one stays", async () => {
    await attach("c1", "net", "aged");
    const { attachments } = await world.manager.gc([{ containerId: "c1", ifName: "eth0" }]);
    expect(attachments).toEqual([{ containerId: "c1", ifName: "eth1", network: "aged" }]);
    expect((await world.manager.list())[0]?.interfaces.map(({ name }) => name)).toEqual(["eth0"]);
    expect(world.namespaces.present.size).toBe(1);
  });
});
