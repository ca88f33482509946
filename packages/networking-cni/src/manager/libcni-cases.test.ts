import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isRuntimeError, type RuntimeError } from "@voiyd/runtime-api";
import { isJsonObject, parseJson, type JsonObject } from "../protocol/json.js";
import { decodeRecord } from "../record/decode-record.js";
import { failing, FakeWorld } from "../testing/doubles.js";

// What libcni's own tests ask of libcni (libcni/api_test.go), asked of the manager.

const ALL = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
const request = { containerId: "c1", networks: ["net"] };

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld({ timeouts: { graceMs: 0 } });
  world.executor.versions = { one: ALL, two: ALL, three: ALL };
  write({});
});
afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

function write(more: JsonObject): void {
  world.writeList("net", [{ type: "one" }, { type: "two" }, { type: "three" }], more);
}

const recordFile = (): string => join(world.dir, "cache", "results", "net-c1-eth0");

/** Changes the record as if somebody else had. */
function changeRecord(change: (record: JsonObject) => JsonObject): void {
  const record = parseJson(readFileSync(recordFile(), "utf8"));
  if (!isJsonObject(record)) throw new Error("no record");
  writeFileSync(recordFile(), JSON.stringify(change(record)));
}

async function caught(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRuntimeError(error)) throw new Error(`no RuntimeError but ${String(error)}`);
  return error;
}

/** What each plugin of a command was told of the earlier result. */
const toldOf = (command: string): readonly unknown[] =>
  world.executor.calls.filter((call) => call.command === command).map(({ stdin }) => stdin["prevResult"]);

describe("ADD", () => {
  test("leaves the last plugin's result and the whole list in the record", async () => {
    await world.manager.attach(request);
    const record = decodeRecord(readFileSync(recordFile(), "utf8"));
    expect([record?.networkName, record?.containerId, record?.ifName]).toEqual(["net", "c1", "eth0"]);
    expect(record?.result?.["passed"]).toBe("one two three");
    expect(JSON.parse(record?.config ?? "")).toMatchObject({
      name: "net",
      plugins: [{ type: "one" }, { type: "two" }, { type: "three" }],
    });
  });

  test.each(["", "a".repeat(16), ".", "..", "test/test", "test:test", "test test"])(
    "refuses %j for an interface before anything is touched",
    async (ifName) => {
      const error = await caught(world.manager.attach({ containerId: "c1", networks: [{ name: "net", ifName }] }));
      expect([error.code, error.details["option"]]).toEqual(["INVALID_ARGUMENT", "networks[0].ifName"]);
      expect(world.executor.calls).toEqual([]);
    },
  );

  test("fails, and runs no plugin, where no record can be written", async () => {
    const file = join(world.dir, "not-a-folder");
    writeFileSync(file, "");
    const blocked = new FakeWorld({ cacheDir: join(file, "cache"), confDir: join(world.dir, "net.d") });
    blocked.writeList("net", [{ type: "one" }]);
    const { code, message } = await caught(blocked.manager.attach(request));
    expect([code, message]).toEqual(["NETWORK_SETUP_FAILED", expect.stringContaining("record")]);
    expect(blocked.executor.calls).toEqual([]);
    rmSync(blocked.dir, { recursive: true, force: true });
  });

  test("takes the answer of a plugin of the first version, which names no version", async () => {
    write({ cniVersion: "0.1.0" });
    world.executor.behaviour = ({ command }) =>
      command === "ADD" ? { stdout: '{"ip4":{"ip":"10.1.2.3/24","gateway":"10.1.2.1"}}' } : undefined;
    const { interfaces } = await world.manager.attach(request);
    expect(interfaces[0]?.addresses).toEqual([
      { address: "10.1.2.3", prefixLength: 24, family: 4, gateway: "10.1.2.1" },
    ]);
    expect(toldOf("ADD")[1]).toMatchObject({ cniVersion: "0.1.0", ip4: { ip: "10.1.2.3/24" } });
  });

  test.each(["9.9.9", "0.4", "x"])("refuses a result that claims version %s, and undoes it", async (cniVersion) => {
    world.executor.behaviour = ({ command, plugin }) =>
      command === "ADD" && plugin === "two" ? { stdout: JSON.stringify({ cniVersion }) } : undefined;
    const { code, details } = await caught(world.manager.attach(request));
    expect([code, details["plugin"]]).toEqual(["NETWORK_SETUP_FAILED", "two"]);
    expect(world.executor.order.slice(2)).toEqual(["DEL three", "DEL two", "DEL one"]);
  });

  test.each([
    { ips: [{ address: "10.0.0.2" }] },
    { ips: [{ address: "10.0.0.2/33" }] },
    { ips: [{ address: "nowhere/8" }] },
    { ips: [{ address: 7 }] },
    { ips: ["10.0.0.2/24"] },
  ])("refuses a result whose addresses are none: %j", async (result) => {
    world.executor.behaviour = ({ command, plugin }) =>
      command === "ADD" && plugin === "one"
        ? { stdout: JSON.stringify({ cniVersion: "1.0.0", ...result }) }
        : undefined;
    const { code, details, message } = await caught(world.manager.attach(request));
    expect([code, details["plugin"], message]).toEqual([
      "NETWORK_SETUP_FAILED",
      "one",
      expect.stringContaining("not a result"),
    ]);
  });

  test("hands on what a plugin writes to stderr, with the error", async () => {
    world.executor.behaviour = ({ command, plugin }) =>
      command === "ADD" && plugin === "two" ? { ...failing(7, "bad config"), stderr: "line 3: oops" } : undefined;
    expect((await caught(world.manager.attach(request))).details).toMatchObject({ cniCode: 7, stderr: "line 3: oops" });
  });
});

describe("CHECK", () => {
  beforeEach(async () => {
    await world.manager.attach(request);
    world.executor.calls.length = 0;
  });

  test("asks all plugins in the order of the list, each told of the last result", async () => {
    await world.manager.check("c1");
    expect(world.executor.order).toEqual(["CHECK one", "CHECK two", "CHECK three"]);
    const last = expect.objectContaining({ passed: "one two three" });
    expect(toldOf("CHECK")).toEqual([last, last, last]);
  });

  test("stops at the first plugin that objects, and its error is the answer", async () => {
    world.executor.behaviour = ({ plugin }) => (plugin === "two" ? failing(101, "no address") : undefined);
    const { code, details } = await caught(world.manager.check("c1"));
    expect([code, details["plugin"], details["cniCode"]]).toEqual(["NETWORK_SETUP_FAILED", "two", 101]);
    expect(world.executor.order).toEqual(["CHECK one", "CHECK two"]);
  });

  test("names a plugin that is not there", async () => {
    world.executor.missing.add("two");
    expect((await caught(world.manager.check("c1"))).code).toBe("PLUGIN_NOT_FOUND");
  });

  test("is an error where the recorded result is of a version that nobody knows", async () => {
    changeRecord((record) => ({ ...record, result: { cniVersion: "7.0.0" } }));
    expect((await caught(world.manager.check("c1"))).code).toBe("NETWORK_SETUP_FAILED");
  });

  test("converts a recorded result of another version", async () => {
    const result = { cniVersion: "0.2.0", ip4: { ip: "10.1.2.3/24" } };
    changeRecord((record) => ({ ...record, result }));
    await world.manager.check("c1");
    expect(toldOf("CHECK")[0]).toEqual({ cniVersion: "1.0.0", ips: [{ address: "10.1.2.3/24" }] });
  });
});

describe("CHECK is not sent", () => {
  test.each<[string, JsonObject]>([
    ["where the list forbids it", { disableCheck: true }],
    ["where the list forbids it by a word", { disableCheck: "true" }],
    ["to plugins of before 0.4.0, which do not know it", { cniVersion: "0.3.1" }],
  ])("%s", async (_, more) => {
    write(more);
    await world.manager.attach(request);
    world.executor.calls.length = 0;
    await world.manager.check("c1");
    expect(world.executor.order).toEqual([]);
  });
});

describe("DEL", () => {
  test.each([
    ["0.3.1", false],
    ["0.4.0", true],
    ["1.0.0", true],
    ["1.1.0", true],
  ])("of version %s tells of the last result: %s", async (cniVersion, tells) => {
    write({ cniVersion });
    await world.manager.attach(request);
    await world.manager.detach("c1");
    expect(world.executor.order.slice(3)).toEqual(["DEL three", "DEL two", "DEL one"]);
    expect(toldOf("DEL").map((result) => result !== undefined)).toEqual([tells, tells, tells]);
  });

  test("a second time finds no record, and runs no plugin", async () => {
    await world.manager.attach(request);
    await world.manager.detach("c1");
    world.executor.calls.length = 0;
    await world.manager.detach("c1");
    expect([world.executor.order, readdirSync(join(world.dir, "cache", "results"))]).toEqual([[], []]);
  });

  test.each<[string, string, JsonObject]>([
    ["of a version that nobody knows", "1.0.0", { cniVersion: "7.0.0" }],
    ["of another shape", "0.4.0", { cniVersion: "1.0.0", ips: ["nonsense"] }],
    ["that is no address", "0.4.0", { cniVersion: "1.0.0", ips: [{ address: "nowhere" }] }],
  ])("goes on without a recorded result %s", async (_, cniVersion, result) => {
    write({ cniVersion });
    await world.manager.attach(request);
    world.executor.calls.length = 0;
    changeRecord((record) => ({ ...record, result }));
    expect((await world.manager.list())[0]?.interfaces).toEqual([{ name: "eth0", network: "net", addresses: [] }]);
    await world.manager.detach("c1");
    expect(world.executor.order).toEqual(["DEL three", "DEL two", "DEL one"]);
    expect(toldOf("DEL")).toEqual([undefined, undefined, undefined]);
    expect(readdirSync(join(world.dir, "cache", "results"))).toEqual([]);
  });
});

describe("a plugin that hangs", () => {
  /** Until it is ended. */
  const hang = (signal: AbortSignal | undefined): Promise<never> =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

  test.each(["CHECK", "STATUS"])("at %s is not waited for any longer than an operation may last", async (command) => {
    world = new FakeWorld({ timeouts: { attachMs: 200, graceMs: 0 } });
    world.executor.versions = { one: ALL };
    world.writeList("net", [{ type: "one" }], { cniVersion: "1.1.0" });
    await world.manager.attach(request);
    world.executor.behaviour = (call, { signal }) => (call.command === command ? hang(signal) : undefined);
    const asked = command === "CHECK" ? world.manager.check("c1") : world.manager.status();
    expect((await caught(asked)).code).toBe("TIMEOUT");
  });

  test("at VERSION is not either, and nothing has been touched by then", async () => {
    world = new FakeWorld({ timeouts: { attachMs: 200, graceMs: 0 } });
    world.writeList("net", [{ type: "one" }]);
    world.executor.exec = ({ signal }) => hang(signal);
    expect((await caught(world.manager.attach(request))).code).toBe("TIMEOUT");
    expect(world.namespaces.present.size).toBe(0);
  });
});

describe("STATUS", () => {
  const V11 = { cniVersion: "1.1.0" };
  const statusCalls = (): readonly string[] => world.executor.order.filter((call) => call.startsWith("STATUS"));

  test("goes to all plugins of 1.1.0, and a network whose plugin is unavailable is not ready", async () => {
    write(V11);
    expect((await world.manager.status()).networks[0]).toMatchObject({ name: "net", ready: true });
    expect(statusCalls()).toEqual(["STATUS one", "STATUS two", "STATUS three"]);
    world.executor.behaviour = ({ plugin }) => (plugin === "two" ? failing(50, "no daemon") : undefined);
    const [network] = (await world.manager.status()).networks;
    expect([network?.ready, network?.plugins.map(({ status }) => status)]).toEqual([
      false,
      ["ready", "failed", "ready"],
    ]);
    expect(network?.plugins[1]?.message).toContain("no daemon");
  });

  test("is not sent to plugins of before, which count as ready", async () => {
    write({ cniVersion: "1.0.0" });
    expect((await world.manager.status()).networks[0]?.ready).toBe(true);
    expect(statusCalls()).toEqual([]);
  });
});
