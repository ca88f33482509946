import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isRuntimeError, type AttachRequest, type RuntimeError } from "@voiyd/runtime-api";
import { decodeRecord } from "../record/decode-record.js";
import { failing, FakeWorld } from "../testing/doubles.js";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  const capabilities = { ips: true, mac: true, aliases: true, portMappings: true };
  for (const name of ["net", "other", "third"]) world.writeList(name, [{ type: name, capabilities }]);
  world.writeList("plain", [{ type: "plain" }]);
});
afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

async function caught(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRuntimeError(error)) throw new Error(`no RuntimeError but ${String(error)}`);
  return error;
}

const records = (): readonly string[] => readdirSync(join(world.dir, "cache", "results"));

describe("several networks", () => {
  test("get their own interface each, and are told the addresses and names that were asked of them", async () => {
    const { interfaces } = await world.manager.attach({
      containerId: "c1",
      networks: [
        { name: "net", ips: ["10.0.0.9", "fd00::9/64"], mac: "02:42:AC:11:00:02", aliases: ["db"] },
        { name: "other", ifName: "lan0" },
        "third",
      ],
      portMappings: [{ hostPort: 8080, containerPort: 80 }],
    });
    expect(interfaces.map(({ name, network }) => [name, network])).toEqual([
      ["eth0", "net"],
      ["lan0", "other"],
      ["eth1", "third"],
    ]);
    expect(world.executor.calls.map(({ stdin }) => stdin["runtimeConfig"])).toEqual([
      {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
        ips: ["10.0.0.9", "fd00::9/64"],
        mac: "02:42:ac:11:00:02",
        aliases: ["db"],
      },
      undefined,
      undefined,
    ]);
    world.executor.calls.length = 0;
    await world.manager.detach("c1");
    expect(world.executor.order).toEqual(["DEL third", "DEL other", "DEL net"]);
  });

  test("are all undone when the last one fails", async () => {
    world.executor.behaviour = ({ command, plugin }) =>
      command === "ADD" && plugin === "third" ? failing(999, "no") : undefined;
    await caught(world.manager.attach({ containerId: "c1", networks: ["net", "other", "third"] }));
    expect(world.executor.order.slice(3)).toEqual(["DEL third", "DEL other", "DEL net"]);
    expect(records()).toEqual([]);
  });

  test("are attached anew when another address is asked for", async () => {
    await world.manager.attach({ containerId: "c1", networks: [{ name: "net", ips: ["10.0.0.9"] }] });
    await world.manager.attach({ containerId: "c1", networks: [{ name: "net", ips: ["10.0.0.9"] }] });
    await world.manager.attach({ containerId: "c1", networks: [{ name: "net", ips: ["10.0.0.8"] }] });
    expect(world.executor.order).toEqual(["ADD net", "DEL net", "ADD net"]);
  });

  test.each<[Partial<AttachRequest>, string]>([
    [{ networks: [{ name: "net", ifName: "lo" }] }, "networks[0].ifName"],
    [{ networks: [{ name: "net", ifName: "a-name-of-16-byte" }] }, "networks[0].ifName"],
    [{ networks: [{ name: "net", ifName: "a/b" }] }, "networks[0].ifName"],
    [{ networks: ["net", { name: "other", ips: ["10.0.0.256"] }] }, "networks[1].ips[0]"],
    [{ networks: [{ name: "net", ips: ["10.0.0.1/33"] }] }, "networks[0].ips[0]"],
    [{ networks: [{ name: "net", ips: ["fe80::1%eth0"] }] }, "networks[0].ips[0]"],
    [{ networks: [{ name: "net", mac: "02:42:ac:11:00" }] }, "networks[0].mac"],
    [{ networks: [{ name: "net", mac: "01:00:5e:00:00:01" }] }, "networks[0].mac"],
    [{ networks: [{ name: "net", mac: "00:00:00:00:00:00" }] }, "networks[0].mac"],
    [{ networks: [{ name: "net", aliases: ["a b"] }] }, "networks[0].aliases[0]"],
    [
      {
        networks: [
          { name: "net", ifName: "x" },
          { name: "other", ifName: "x" },
        ],
      },
      "twice",
    ],
    [{ networks: [{ name: "net" }, "net"] }, "twice"],
    [{ networks: ["net"], hostsFile: "hosts" }, "hostsFile"],
    [{ networks: [{ name: "plain", ips: ["10.0.0.9"] }] }, "cannot give a fixed address"],
    [{ networks: [{ name: "plain", mac: "02:42:ac:11:00:02" }] }, "cannot give a fixed MAC"],
  ])("refuse %j before anything is touched", async (bad, part) => {
    const { code, message } = await caught(world.manager.attach({ containerId: "c1", ...bad }));
    expect([code, message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining(part)]);
    expect(world.executor.calls).toEqual([]);
    expect(world.namespaces.present.size).toBe(0);
  });
});

describe("the record", () => {
  test("has the list in the version that was negotiated, as libcni would take the newest one", async () => {
    world.writeList("new", [{ type: "net" }], { cniVersions: ["0.4.0", "1.0.0", "1.1.0"] });
    await world.manager.attach({ containerId: "c1", networks: ["new"] });
    const record = decodeRecord(readFileSync(join(world.dir, "cache", "results", "new-c1-eth0"), "utf8"));
    expect(JSON.parse(record?.config ?? "")).toEqual({ cniVersion: "1.0.0", name: "new", plugins: [{ type: "net" }] });
  });
});

describe("connect", () => {
  test("gives a container one more interface, and detach takes that away as well", async () => {
    await world.manager.attach({ containerId: "c1", networks: ["net", { name: "other", ifName: "eth5" }] });
    const { interfaces } = await world.manager.connect("c1", { name: "third", ips: ["10.0.0.7"] });
    expect(interfaces.map(({ name, network }) => [name, network])).toEqual([
      ["eth0", "net"],
      ["eth5", "other"],
      ["eth1", "third"],
    ]);
    expect(world.executor.calls.at(-1)?.stdin["runtimeConfig"]).toEqual({ ips: ["10.0.0.7"] });
    expect((await world.manager.list())[0]?.interfaces).toEqual(interfaces);
    world.executor.calls.length = 0;
    await world.manager.detach("c1");
    expect(world.executor.order).toEqual(["DEL third", "DEL other", "DEL net"]);
  });

  test("works for a container without any network", async () => {
    await world.manager.prepare("c1");
    expect((await world.manager.connect("c1", "net")).interfaces.map(({ name }) => name)).toEqual(["eth0"]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ["an unknown container", () => world.manager.connect("c9", "net"), "NOT_FOUND"],
    ["a network that it is on", () => world.manager.connect("c1", "net"), "ALREADY_EXISTS"],
    [
      "an interface that it has",
      () => world.manager.connect("c1", { name: "other", ifName: "eth0" }),
      "ALREADY_EXISTS",
    ],
    ["an unknown network", () => world.manager.connect("c1", "nowhere"), "NETWORK_NOT_FOUND"],
    ["a bad address", () => world.manager.connect("c1", { name: "other", ips: ["x"] }), "INVALID_ARGUMENT"],
  ])("refuses %s", async (_, connect, code) => {
    await world.manager.attach({ containerId: "c1", networks: ["net"] });
    world.executor.calls.length = 0;
    expect((await caught(connect())).code).toBe(code);
    expect(world.executor.calls).toEqual([]);
  });

  test("undoes what fails, and leaves the other networks alone", async () => {
    await world.manager.attach({ containerId: "c1", networks: ["net"] });
    world.executor.calls.length = 0;
    world.executor.behaviour = ({ command }) => (command === "ADD" ? failing(999, "no") : undefined);
    expect((await caught(world.manager.connect("c1", "other"))).code).toBe("NETWORK_SETUP_FAILED");
    expect(world.executor.order).toEqual(["ADD other", "DEL other"]);
    expect(records()).toEqual(["net-c1-eth0"]);
  });
});

describe("disconnect", () => {
  beforeEach(async () => {
    await world.manager.attach({ containerId: "c1", networks: ["net", "other"] });
    world.executor.calls.length = 0;
  });

  test.each<[string, string | { ifName: string }, string, readonly string[]]>([
    ["a network", "other", "DEL other", ["net-c1-eth0"]],
    ["an interface", { ifName: "eth0" }, "DEL net", ["other-c1-eth1"]],
  ])("takes a container off %s, and it keeps its namespace and the others", async (_, which, call, left) => {
    await world.manager.disconnect("c1", which);
    expect(world.executor.order).toEqual([call]);
    expect(records()).toEqual(left);
    expect(world.namespaces.present.size).toBe(1);
    await world.manager.disconnect("c1", which);
    expect(world.executor.order).toEqual([call]);
  });

  test("frees the interface's name for the next connect", async () => {
    await world.manager.disconnect("c1", "net");
    const { interfaces } = await world.manager.connect("c1", "third");
    expect(interfaces.map(({ name, network }) => [name, network])).toEqual([
      ["eth1", "other"],
      ["eth0", "third"],
    ]);
  });

  test("says what is left, and can be repeated", async () => {
    world.executor.behaviour = () => failing(999, "no");
    const { code, details } = await caught(world.manager.disconnect("c1", "other"));
    expect([code, details["leftovers"]]).toEqual(["NETWORK_TEARDOWN_FAILED", [expect.stringContaining("other")]]);
    world.executor.behaviour = () => undefined;
    await world.manager.disconnect("c1", "other");
    expect(records()).toEqual(["net-c1-eth0"]);
  });
});
