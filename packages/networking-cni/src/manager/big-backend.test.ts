import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BrokerExecutor } from "../plugin/broker-executor.js";
import { FakeWorld } from "../testing/doubles.js";

/** What the process of this test has beside everything else, and whoever is forked from it would have to map. */
const BALLAST_BYTES = 256 * 1024 * 1024;
const TYPES = ["bridge", "portmap", "firewall"];

// Says who has started it.
const PLUGIN = `#!/bin/sh
cat > /dev/null
echo "$CNI_COMMAND $PPID" >> "\${0%/*}/../calls"
case $CNI_COMMAND in
  VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
  ADD) echo '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"x"}],"ips":[{"address":"10.0.0.2/24","interface":0}]}' ;;
esac
`;

describe("a backend with much memory", () => {
  let world: FakeWorld;
  let executor: BrokerExecutor;
  beforeEach(() => {
    executor = new BrokerExecutor();
    world = new FakeWorld({ executor });
  });
  afterEach(() => executor[Symbol.asyncDispose]());

  test("starts one small process, which starts every plugin of every container", async () => {
    const ballast = Buffer.alloc(BALLAST_BYTES, 1);
    const bin = join(world.dir, "bin");
    mkdirSync(bin);
    for (const type of TYPES) {
      writeFileSync(join(bin, type), PLUGIN);
      chmodSync(join(bin, type), 0o755);
    }
    world = new FakeWorld({ executor, binDirs: [bin] });
    world.writeList(
      "net",
      TYPES.map((type) => ({ type })),
    );
    const ids = Array.from({ length: 16 }, (_, index) => `voiyd-${String(index)}`);
    await Promise.all(ids.map((containerId) => world.manager.attach({ containerId, networks: ["net"] })));
    const broker = executor.pid ?? 0;
    expect(memberOf(broker, "PPid")).toBe(process.pid);
    expect(memberOf(broker, "VmRSS") * 1024).toBeLessThan(ballast.length / 2);
    expect(memberOf(process.pid, "VmRSS") * 1024).toBeGreaterThan(ballast.length);
    await Promise.all(ids.map((containerId) => world.manager.detach(containerId)));
    const calls = readFileSync(join(bin, "..", "calls"), "utf8")
      .trim()
      .split("\n");
    expect(calls.filter((call) => call.startsWith("ADD "))).toHaveLength(ids.length * TYPES.length);
    expect(calls.filter((call) => call.startsWith("DEL "))).toHaveLength(ids.length * TYPES.length);
    expect(new Set(calls.map((call) => Number(call.split(" ")[1])))).toEqual(new Set([broker]));
    // It has not died in between, which would have made another one of it.
    expect(executor.pid).toBe(broker);
  });
});

/** A number in what the kernel tells of a process: a pid, or memory in KiB. */
function memberOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}
