import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { PublishedLook } from "../firewall/find-published.js";
import type { OwnedPort } from "../ports/reserve-ports.js";
import { FakeWorld } from "../testing/doubles.js";
import { CniManager } from "./cni-network-manager.js";

const request = { containerId: "c1", networks: ["net"], portMappings: [{ hostPort: 8080, containerPort: 80 }] };
const TAKEN: OwnedPort = {
  owner: "a firewall rule in chain dnat of table inet other",
  port: { hostPort: 8080, containerPort: 8080, protocol: "tcp", hostIp: "0.0.0.0" },
};

describe("the look for ports that rules publish", () => {
  let world: FakeWorld;
  let order: string[];
  let manager: CniManager;
  /** Tells what is published; until then the look goes on. */
  let tell: (published: readonly OwnedPort[]) => void;
  /** Resolves when all that can be done beside the look has been done. */
  let othersDone: Promise<void>;

  beforeEach(() => {
    world = new FakeWorld();
    world.writeList("net", [{ type: "one", capabilities: { portMappings: true } }, { type: "two" }]);
    order = [];
    const find = world.executor.find.bind(world.executor);
    world.executor.find = (type) => {
      order.push(`find ${type}`);
      return find(type);
    };
    world.executor.behaviour = ({ command, plugin }) => {
      order.push(`${command} ${plugin}`);
      return undefined;
    };
    const verdict = new Promise<readonly OwnedPort[]>((resolve) => (tell = resolve));
    let done = (): void => undefined;
    othersDone = new Promise((resolve) => (done = resolve));
    const { sockets, namespaces } = world.parts;
    const ensure = namespaces.ensure.bind(namespaces);
    namespaces.ensure = async (containerId, signal) => {
      order.push("making");
      // As long as a program takes, for all who look only at what there is to do meanwhile.
      await new Promise(setImmediate);
      return ensure(containerId, signal);
    };
    manager = new CniManager({
      ...world.parts,
      findPublished: async ({ ownTables }: PublishedLook) => {
        order.push("look");
        await ownTables();
        const found = await verdict;
        order.push("verdict");
        return found;
      },
      // The last of what is done under the lock of the ports.
      sockets: async (ports) => {
        const found = await sockets(ports);
        setImmediate(done);
        return found;
      },
    });
  });
  afterEach(() => {
    rmSync(world.dir, { recursive: true, force: true });
  });

  const records = (): readonly string[] => {
    const dir = join(world.dir, "cache", "results");
    return existsSync(dir) ? readdirSync(dir) : [];
  };

  test("begins behind the making of the namespace, and goes on beside it; only the first plugin waits for what it finds", async () => {
    const onNamespace = (path: string): void => void order.push(`namespace ${path}`);
    const attaching = manager.attach(request, { onNamespace });
    await othersDone;
    expect(order.slice(-3)).toEqual(["making", "look", "namespace /netns-of-fakes/c1"]);
    expect(new Set(order.slice(0, -3))).toEqual(new Set(["find one", "find two"]));
    expect(records()).toEqual([]);
    const before = order.length;
    tell([]);
    await attaching;
    expect(order.slice(before)).toEqual(["verdict", "ADD one", "ADD two"]);
  });

  test("is the first that is begun where the namespace is there already", async () => {
    await manager.prepare("c1");
    order = [];
    const attaching = manager.attach(request);
    await othersDone;
    expect(order[0]).toBe("look");
    expect(new Set(order.slice(1))).toEqual(new Set(["find one", "find two", "making"]));
    tell([]);
    await attaching;
  });

  test("ends an attach before any plugin, and without a record, where a port is taken", async () => {
    const attaching = manager.attach(request);
    await othersDone;
    tell([TAKEN]);
    await expect(attaching).rejects.toMatchObject({ code: "PORT_IN_USE", details: { owner: TAKEN.owner } });
    expect([world.executor.order, records()]).toEqual([[], []]);
  });
});
