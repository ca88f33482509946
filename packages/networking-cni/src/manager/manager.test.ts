import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isRuntimeError, type RuntimeError } from "@voiyd/runtime-api";
import { parseConfigList } from "../protocol/config-list.js";
import { decodeRecord } from "../record/decode-record.js";
import { failing, FakeWorld } from "../testing/doubles.js";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.writeList("net", [
    { type: "one" },
    { type: "two", capabilities: { portMappings: true, mac: false } },
    { type: "three" },
  ]);
});
afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

const request = { containerId: "c1", networks: ["net"], portMappings: [{ hostPort: 8080, containerPort: 80 }] };
const recordFile = (): string => join(world.dir, "cache", "results", "net-c1-eth0");

async function caught(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRuntimeError(error)) throw new Error(`no RuntimeError but ${String(error)}`);
  return error;
}

describe("attach", () => {
  test("runs the plugins in order, each with the result of the one before", async () => {
    const attachment = await world.manager.attach(request);
    expect(world.executor.order).toEqual(["ADD one", "ADD two", "ADD three"]);
    const passed = ["one", "one two"].map((plugins) => expect.objectContaining({ passed: plugins }));
    expect(world.executor.calls.map(({ stdin }) => stdin["prevResult"])).toEqual([undefined, ...passed]);
    expect(attachment.interfaces).toEqual([
      {
        name: "eth0",
        network: "net",
        mac: "02:00:00:00:00:01",
        addresses: [{ address: "10.0.0.2", prefixLength: 24, family: 4, gateway: "10.0.0.1" }],
      },
    ]);
  });

  test("gives a capability's argument to the plugins that declare it, and to no other", async () => {
    await world.manager.attach(request);
    const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }];
    expect(world.executor.calls.map(({ stdin }) => stdin["runtimeConfig"])).toEqual([
      undefined,
      { portMappings },
      undefined,
    ]);
    expect(world.executor.calls.every(({ stdin }) => !("capabilities" in stdin))).toBe(true);
  });

  test("has its record on the disk before each plugin, with the result so far", async () => {
    const seen: unknown[] = [];
    world.executor.behaviour = ({ command }) => {
      const record = decodeRecord(readFileSync(recordFile(), "utf8"));
      seen.push([command, record?.state?.phase, record?.state?.step, record?.result?.["passed"]]);
      return undefined;
    };
    await world.manager.attach(request);
    await world.manager.detach("c1");
    expect(seen).toEqual([
      ["ADD", "adding", 0, undefined],
      ["ADD", "adding", 1, "one"],
      ["ADD", "adding", 2, "one two"],
      ["DEL", "deleting", 3, "one two three"],
      ["DEL", "deleting", 3, "one two three"],
      ["DEL", "deleting", 3, "one two three"],
    ]);
    expect(existsSync(recordFile())).toBe(false);
  });

  test.each(["one", "two", "three"])("undoes everything when plugin %s fails", async (plugin) => {
    world.executor.behaviour = (call) =>
      call.command === "ADD" && call.plugin === plugin ? failing(100, "no luck") : undefined;
    const error = await caught(world.manager.attach(request));
    expect([error.code, error.details["plugin"], error.details["cniCode"], error.details["reason"]]).toEqual([
      "NETWORK_SETUP_FAILED",
      plugin,
      100,
      "unknown",
    ]);
    const added = ["one", "two", "three"].slice(0, ["one", "two", "three"].indexOf(plugin) + 1);
    expect(world.executor.order).toEqual([...added.map((name) => `ADD ${name}`), "DEL three", "DEL two", "DEL one"]);
    const partial = added.length === 1 ? undefined : expect.objectContaining({ passed: added.slice(0, -1).join(" ") });
    expect(
      world.executor.calls.filter(({ command }) => command === "DEL").map(({ stdin }) => stdin["prevResult"]),
    ).toEqual([partial, partial, partial]);
    expect(readdirSync(join(world.dir, "cache", "results"))).toEqual([]);
    expect(readdirSync(join(world.dir, "cache", "voiyd-tmp"))).toEqual([]);
  });

  test("undoes everything when it is aborted, although the signal is", async () => {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    world.executor.behaviour = ({ command, plugin }) => {
      if (command === "ADD" && plugin === "two") controller.abort(reason);
      return undefined;
    };
    await expect(world.manager.attach(request, { signal: controller.signal })).rejects.toBe(reason);
    expect(world.executor.order).toEqual(["ADD one", "ADD two", "DEL three", "DEL two", "DEL one"]);
    expect(existsSync(recordFile())).toBe(false);
  });

  test("keeps the record and says what is left when undoing fails as well", async () => {
    world.executor.behaviour = ({ plugin }) => (plugin === "two" ? failing(999, "broken") : undefined);
    const error = await caught(world.manager.attach(request));
    expect(error.code).toBe("NETWORK_SETUP_FAILED");
    expect(error.details["leftovers"]).toEqual([expect.stringContaining("two")]);
    expect(decodeRecord(readFileSync(recordFile(), "utf8"))?.state?.phase).toBe("broken");
    world.executor.behaviour = () => undefined;
    await world.manager.detach("c1");
    expect(existsSync(recordFile())).toBe(false);
  });

  test("repeats what failed for a race of the firewall, and gives up in the end", async () => {
    let races = 2;
    world.executor.behaviour = ({ command, plugin }) => {
      if (command !== "ADD" || plugin !== "three" || races-- <= 0) return undefined;
      return failing(999, "running [iptables]: exit status 4: CHAIN_USER_ADD failed (File exists)");
    };
    await world.manager.attach(request);
    expect(world.executor.order.filter((call) => call === "ADD three")).toHaveLength(3);
    await world.manager.detach("c1");
    races = 100;
    expect((await caught(world.manager.attach(request))).details["reason"]).toBe("firewall-race");
  });

  test("answers the same request again without touching anything, and replaces another one", async () => {
    const first = await world.manager.attach(request);
    world.executor.calls.length = 0;
    expect(await world.manager.attach(request)).toEqual(first);
    expect(world.executor.order).toEqual([]);
    await world.manager.attach({ containerId: "c1", networks: ["net"] });
    expect(world.executor.order).toEqual(["DEL three", "DEL two", "DEL one", "ADD one", "ADD two", "ADD three"]);
  });

  test("undoes the first network when the second one fails", async () => {
    world.writeList("other", [{ type: "four" }]);
    world.executor.behaviour = ({ command, plugin }) =>
      command === "ADD" && plugin === "four" ? failing(999, "no") : undefined;
    await caught(world.manager.attach({ containerId: "c1", networks: ["net", "other"] }));
    expect(world.executor.order.slice(-5)).toEqual(["ADD four", "DEL four", "DEL three", "DEL two", "DEL one"]);
    expect(readdirSync(join(world.dir, "cache", "results"))).toEqual([]);
  });

  test("names interfaces in the order of the networks, and publishes ports on the first one", async () => {
    world.writeList("other", [{ type: "four", capabilities: { portMappings: true } }]);
    const { interfaces } = await world.manager.attach({ ...request, networks: ["net", "other"] });
    expect(interfaces.map(({ name, network }) => [name, network])).toEqual([
      ["eth0", "net"],
      ["eth1", "other"],
    ]);
    expect(world.executor.calls.find(({ plugin }) => plugin === "four")?.stdin["runtimeConfig"]).toBeUndefined();
  });

  test("chooses a free port for 0, and names the owner of one that is taken", async () => {
    const { ports } = await world.manager.attach({ ...request, portMappings: [{ hostPort: 0, containerPort: 80 }] });
    expect(ports).toEqual([{ hostPort: 49153, containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0" }]);
    const again = await world.manager.attach({
      ...request,
      containerId: "c2",
      portMappings: [{ hostPort: 0, containerPort: 80 }],
    });
    expect(again.ports[0]?.hostPort).toBe(49154);
    const taken = await caught(
      world.manager.attach({ ...request, containerId: "c3", portMappings: [{ hostPort: 49153, containerPort: 80 }] }),
    );
    expect([taken.code, taken.details["owner"]]).toEqual(["PORT_IN_USE", "container c1"]);
  });

  test.each([
    [{ containerId: "../x" }, "containerId"],
    [{ containerId: "c1", networks: ["a/b"] }, "network"],
    [{ containerId: "c1", networks: ["net", "net"] }, "twice"],
    [{ containerId: "c1", portMappings: [{ hostPort: 70000, containerPort: 1 }] }, "hostPort"],
    [{ containerId: "c1", portMappings: [{ hostPort: 1, containerPort: 0 }] }, "containerPort"],
    [{ containerId: "c1", portMappings: [{ hostPort: 1, containerPort: 1, hostIp: "1.2.3" }] }, "hostIp"],
    [
      {
        containerId: "c1",
        portMappings: [
          { hostPort: 1, containerPort: 1 },
          { hostPort: 1, containerPort: 2, hostIp: "1.2.3.4" },
        ],
      },
      "hostPort",
    ],
    [{ containerId: "c".repeat(254), networks: ["net"] }, "too long"],
  ])("refuses %j before anything is touched", async (bad, part) => {
    const error = await caught(world.manager.attach(bad));
    expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining(part)]);
    expect(world.executor.calls).toEqual([]);
    expect(existsSync(join(world.dir, "cache", "results"))).toBe(false);
  });

  test("knows a network that is not there, and a version that a plugin does not speak", async () => {
    expect((await caught(world.manager.attach({ containerId: "c1", networks: ["nowhere"] }))).code).toBe(
      "NETWORK_NOT_FOUND",
    );
    world.executor.versions = { two: ["0.3.1"] };
    const error = await caught(world.manager.attach(request));
    expect([error.code, error.hint]).toEqual(["NETWORK_CONFIG_INVALID", expect.stringContaining("two: 0.3.1")]);
  });

  test("lets an operator's default list be", async () => {
    await world.manager.attach({ containerId: "c1" });
    const file = join(world.dir, "net.d", "10-voiyd.conflist");
    expect(parseConfigList(readFileSync(file, "utf8"), file).plugins.map(({ type }) => type)).toEqual([
      "bridge",
      "portmap",
      "firewall",
      "tuning",
    ]);
    writeFileSync(file, JSON.stringify({ cniVersion: "1.0.0", name: "mine", plugins: [{ type: "one" }] }));
    const { interfaces } = await world.manager.attach({ containerId: "c2" });
    expect(interfaces[0]?.network).toBe("mine");
  });
});

describe("detach", () => {
  test("goes on past a plugin that fails, and tries it once more", async () => {
    await world.manager.attach(request);
    world.executor.calls.length = 0;
    let failures = 1;
    world.executor.behaviour = ({ plugin }) =>
      plugin === "two" && failures-- > 0 ? failing(999, "Chain 'CNI-x' does not exist") : undefined;
    await world.manager.detach("c1");
    expect(world.executor.order).toEqual(["DEL three", "DEL two", "DEL one", "DEL two"]);
    expect(existsSync(recordFile())).toBe(false);
  });

  test("says what is left, keeps the record, and removes the namespace all the same", async () => {
    await world.manager.attach(request);
    world.executor.missing.add("two");
    const error = await caught(world.manager.detach("c1"));
    expect([error.code, error.details["leftovers"]]).toEqual([
      "NETWORK_TEARDOWN_FAILED",
      [expect.stringContaining("plugin two is missing")],
    ]);
    expect(world.namespaces.present.size).toBe(0);
    world.executor.missing.clear();
    await world.manager.detach("c1");
    expect(existsSync(recordFile())).toBe(false);
  });

  test("uses the recorded configuration and ports, whatever has become of the file", async () => {
    await world.manager.attach(request);
    world.executor.calls.length = 0;
    rmSync(join(world.dir, "net.d"), { recursive: true });
    await world.manager.detach("c1");
    expect(world.executor.order).toEqual(["DEL three", "DEL two", "DEL one"]);
    expect(world.executor.calls[1]?.stdin["runtimeConfig"]).toEqual({
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
    });
  });

  test.each([
    ["gone", (): void => world.namespaces.present.clear()],
    ["another one", (): void => void world.namespaces.present.set("/netns-of-fakes/c1", "4:99")],
    ["the host's", (): void => void world.namespaces.present.set("/netns-of-fakes/c1", "4:0")],
    ["of an earlier boot", (): void => void (world.host.boot = "boot-2")],
  ])("gives the plugins no namespace when it is %s", async (_, change) => {
    await world.manager.attach(request);
    world.executor.calls.length = 0;
    change();
    await world.manager.detach("c1");
    expect(world.executor.calls.map(({ env }) => env["CNI_NETNS"])).toEqual(["", "", ""]);
  });

  test("removes the namespace of a container that it knows nothing else of", async () => {
    await world.manager.prepare("c9");
    await world.manager.detach("c9");
    expect(world.namespaces.present.size).toBe(0);
    expect(world.executor.calls).toEqual([]);
  });

  test("waits for plugins that outlived their process before it starts others", async () => {
    world.executor.behaviour = ({ plugin }) => (plugin === "two" ? failing(999, "broken") : undefined);
    await caught(world.manager.attach(request));
    world.executor.behaviour = () => undefined;
    world.executor.calls.length = 0;
    const seen: number[] = [];
    world.host.workersOf = () => {
      seen.push(world.executor.calls.length);
      return Promise.resolve(seen.length < 3 ? [1 << 30] : []);
    };
    await world.manager.detach("c1");
    expect(seen).toEqual([0, 0, 0]);
  });
});

describe("recover", () => {
  test("undoes what a dead process began and an earlier boot left, and adopts the rest", async () => {
    await world.manager.attach(request);
    await world.manager.attach({ containerId: "c2", networks: ["net"] });
    const file = join(world.dir, "cache", "results", "net-c2-eth0");
    writeFileSync(file, readFileSync(file, "utf8").replace('"phase":"attached"', '"phase":"adding"'));
    world.host.alive.add("1:1");
    expect(await world.manager.recover()).toEqual({ undone: [], adopted: ["c1"], lost: [], failed: [] });
    world.host.alive.clear();
    expect(await world.manager.recover()).toEqual({ undone: ["c2"], adopted: ["c1"], lost: [], failed: [] });
    expect(await world.manager.recover()).toEqual({ undone: [], adopted: ["c1"], lost: [], failed: [] });
    world.host.boot = "boot-2";
    expect((await world.manager.recover()).undone).toEqual(["c1"]);
    expect(readdirSync(join(world.dir, "cache", "results"))).toEqual([]);
  });
});

describe("close", () => {
  test("lets what runs end, and takes nothing more", async () => {
    const attached = world.manager.attach(request);
    await world.manager.close();
    expect(world.executor.order).toEqual(["ADD one", "ADD two", "ADD three"]);
    await attached;
    expect((await caught(world.manager.detach("c1"))).code).toBe("FAILED_PRECONDITION");
    await world.manager.close();
    expect(existsSync(recordFile())).toBe(true);
  });
});
