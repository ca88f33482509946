import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { silentLogger, type Logger } from "@voiyd/logger";
import { FakeWorld } from "../testing/doubles.js";

describe("the disk under a record", () => {
  let world: FakeWorld;
  let warned: unknown[][];
  beforeEach(() => {
    warned = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (message, fields) => {
        warned.push([message, fields]);
      },
    };
    world = new FakeWorld({ logger });
    world.writeList("net", [{ type: "one" }, { type: "two" }]);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(world.dir, { recursive: true, force: true });
  });

  const request = { containerId: "c1", networks: ["net"] };
  const broken = Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });

  test("is waited for beside the first plugin, and before the second one", async () => {
    let arrived = (): void => undefined;
    const settled = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    jest.spyOn(world.parts.records, "settle").mockImplementation(() => settled);
    const attached = world.manager.attach(request);
    while (world.executor.order.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.executor.order).toEqual(["ADD one"]);
    arrived();
    await attached;
    expect(world.executor.order).toEqual(["ADD one", "ADD two"]);
  });

  test("that fails undoes the attach", async () => {
    jest.spyOn(world.parts.records, "settle").mockRejectedValue(broken);
    await expect(world.manager.attach(request)).rejects.toBe(broken);
    expect(world.executor.order).toEqual(["ADD one", "DEL two", "DEL one"]);
    expect(readdirSync(join(world.dir, "cache", "results"))).toEqual([]);
  });

  test("that fails once the container is attached is only told", async () => {
    jest.spyOn(world.parts.records, "settle").mockResolvedValueOnce().mockRejectedValue(broken);
    await world.manager.attach(request);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).toEqual([[expect.stringContaining("power loss"), expect.objectContaining({ error: broken })]]);
  });

  test("does not matter for a record that has gone", async () => {
    const gone = { networkName: "net", containerId: "nobody", ifName: "eth0" };
    await expect(world.parts.records.settle(gone)).resolves.toBeUndefined();
  });
});
