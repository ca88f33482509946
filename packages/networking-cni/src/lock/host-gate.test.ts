import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { HostGate } from "./host-gate.js";
import { HostLocks } from "./host-lock.js";

function gate(scope: string): HostGate {
  return new HostGate(new HostLocks(scope), scope);
}

describe("a gate of the host", () => {
  test("lets many in at once, and closes only when all are out", async () => {
    const scope = randomUUID();
    const order: string[] = [];
    const [first, second] = await Promise.all([gate(scope).enter(), gate(scope).enter()]);
    const closing = gate(scope)
      .close()
      .then((held) => {
        order.push("closed");
        return held;
      });
    await first[Symbol.asyncDispose]();
    order.push("one left");
    await second[Symbol.asyncDispose]();
    const closed = await closing;
    expect(order).toEqual(["one left", "closed"]);
    await closed[Symbol.asyncDispose]();
  });

  test("keeps everybody out while it is closed, those too that came while it was being closed", async () => {
    const scope = randomUUID();
    const [inside, mine, theirs] = [await gate(scope).enter(), gate(scope), gate(scope)];
    const order: string[] = [];
    const closing = mine.close().then((held) => {
      order.push("closed");
      return held;
    });
    // One that is there already when the next one asks: the order of the two is what the test is about.
    await new Promise((resolve) => setImmediate(resolve));
    const entering = theirs.enter().then((held) => {
      order.push("entered");
      return held;
    });
    await inside[Symbol.asyncDispose]();
    const closed = await closing;
    order.push("working");
    await closed[Symbol.asyncDispose]();
    await (await entering)[Symbol.asyncDispose]();
    expect(order).toEqual(["closed", "working", "entered"]);
  });

  test("knows nothing of another one, and gives up when it is told to", async () => {
    const scope = randomUUID();
    const inside = await gate(scope).enter();
    const other = await gate(randomUUID()).close();
    const reason = new Error("enough");
    await expect(gate(scope).close(AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const closing = gate(scope).close(controller.signal);
    controller.abort(reason);
    await expect(closing).rejects.toBe(reason);
    // Giving up has opened it again.
    await (await gate(scope).enter())[Symbol.asyncDispose]();
    await Promise.all([inside[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  });

  test("does not wait for a process that has died inside", async () => {
    const scope = randomUUID();
    const program =
      `import { HostGate } from "./dist/esm/lock/host-gate.js"; import { HostLocks } from "./dist/esm/lock/host-lock.js";` +
      `await new HostGate(new HostLocks("${scope}"), "${scope}").enter(); console.log("in"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const closing = gate(scope).close();
    child.kill("SIGKILL");
    await (await closing)[Symbol.asyncDispose]();
  });
});
