import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { failing, FakeWorld } from "../testing/doubles.js";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
});
afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

/** So many times the ADD of plugin `one` fails like this. */
function failAtFirst(times: number, code: number, message: string): void {
  let left = times;
  world.executor.behaviour = ({ command, plugin }) =>
    command === "ADD" && plugin === "one" && left-- > 0 ? failing(code, message) : undefined;
}

describe("an attach that fails for a reason that passes", () => {
  const request = { containerId: "c1", networks: ["net"] };
  const adds = (): number => world.executor.order.filter((call) => call === "ADD one").length;
  beforeEach(() => {
    world.writeList("net", [{ type: "one" }, { type: "two" }]);
  });

  test.each<[string, number, string]>([
    ["a plugin that is busy (code 11)", 11, "come back later"],
    [
      "an address that an earlier life of the container has",
      999,
      "10.0.0.2 has been allocated to c1, duplicate allocation is not allowed",
    ],
    [
      "an interface that an earlier life of the container has",
      999,
      "container veth name provided (eth0) already exists",
    ],
  ])("%s: what there is of it is undone, and it is tried again", async (_, code, message) => {
    failAtFirst(1, code, message);
    await world.manager.attach(request);
    expect(world.executor.order).toEqual(["ADD one", "DEL two", "DEL one", "ADD one", "ADD two"]);
  });

  test("is not tried for ever, and leftovers are met once only", async () => {
    failAtFirst(100, 11, "come back later");
    await expect(world.manager.attach(request)).rejects.toMatchObject({
      details: { reason: "try-again", retryable: true },
    });
    expect(adds()).toBe(4);
    world.executor.calls.length = 0;
    failAtFirst(100, 999, "duplicate allocation is not allowed");
    await expect(world.manager.attach(request)).rejects.toMatchObject({ details: { reason: "stale-attachment" } });
    expect(adds()).toBe(2);
  });

  test("is not tried again where only a person can help", async () => {
    failAtFirst(100, 999, "no IP addresses available in range set: 10.0.0.1-10.0.0.6");
    await expect(world.manager.attach(request)).rejects.toMatchObject({
      code: "NETWORK_ADDRESSES_EXHAUSTED",
      details: { plugin: "one", network: "net", containerId: "c1", cniCode: 999, retryable: false },
    });
    expect(adds()).toBe(1);
  });
});

describe("a CHECK that is known to be wrong", () => {
  async function checked(
    plugins: readonly { readonly type: string; readonly ipam?: { readonly type: string } }[],
  ): Promise<unknown> {
    world.writeList("net", plugins);
    await world.manager.attach({ containerId: "c1", networks: ["net"] });
    world.executor.behaviour = ({ command, plugin }) =>
      command === "CHECK" && plugin === "bridge" ? failing(999, "no plugin name provided") : undefined;
    return world.manager.check("c1").then(
      () => "well",
      (error: unknown) => error,
    );
  }

  test("is not asked of a bridge without addresses, nor of one beside sbr", async () => {
    expect(await checked([{ type: "bridge" }])).toBe("well");
    await world.manager.detach("c1");
    expect(await checked([{ type: "bridge", ipam: { type: "host-local" } }, { type: "sbr" }])).toBe("well");
    expect(world.executor.order.filter((call) => call.startsWith("CHECK"))).toEqual(["CHECK sbr"]);
  });

  test("is asked of every other bridge, and believed", async () => {
    expect(await checked([{ type: "bridge", ipam: { type: "host-local" } }])).toMatchObject({
      code: "NETWORK_SETUP_FAILED",
      details: { plugin: "bridge", command: "CHECK" },
    });
  });
});
