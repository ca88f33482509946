import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { runModule } from "../testing/run-module.js";
import { tempFolder } from "../testing/temp-folder.js";
import { isHostLockHeld, withHostLock } from "./host-lock.js";

const key = (): string => `test:${randomUUID()}`;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("within a process the lock", () => {
  test("lets one in at a time", async () => {
    const name = key();
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        withHostLock(name, async () => {
          most = Math.max(most, ++inside);
          await settled();
          inside--;
          return index;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("lets holders of other keys in meanwhile", async () => {
    await withHostLock(key(), async () => {
      await expect(withHostLock(key(), async () => "in")).resolves.toBe("in");
    });
  });

  test("tells whether somebody has it, and is not taken by the question", async () => {
    const name = key();
    expect(await isHostLockHeld(name)).toBe(false);
    const held: string[] = [];
    const asking = Array.from({ length: 10 }, () => isHostLockHeld(name));
    await withHostLock(
      name,
      async () => {
        expect(await isHostLockHeld(name)).toBe(true);
        expect(await isHostLockHeld(key())).toBe(false);
      },
      { onHeld: () => held.push("held") },
    );
    await Promise.all(asking);
    expect(held).toEqual([]);
    expect(await isHostLockHeld(name)).toBe(false);
  });

  test("is free again after a failure", async () => {
    const name = key();
    await expect(withHostLock(name, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(withHostLock(name, async () => "in")).resolves.toBe("in");
  });

  test("takes any key", async () => {
    for (const name of ["", "\0", "x".repeat(10_000), "ä/../\n"]) {
      await expect(withHostLock(name + key(), async () => "in")).resolves.toBe("in");
    }
  });

  test("is waited for until the signal is aborted, with its reason", async () => {
    const name = key();
    const reason = { why: "enough" };
    const stop = new AbortController();
    let entered = false;
    await withHostLock(name, async () => {
      const waiting = withHostLock(
        name,
        async () => {
          entered = true;
        },
        { signal: stop.signal },
      );
      await settled();
      stop.abort(reason);
      await expect(waiting).rejects.toBe(reason);
    });
    expect(entered).toBe(false);
    await expect(withHostLock(name, async () => 1, { signal: stop.signal })).rejects.toBe(reason);
    await expect(withHostLock(name, async () => 1)).resolves.toBe(1);
  });
});

describe("between processes the lock", () => {
  const program = (name: string, action: string): string => `
    import { readFile, writeFile } from "node:fs/promises";
    import { createHost } from "@voiyd/runtime-containerd";
    const { lock } = createHost();
    const key = ${JSON.stringify(name)};
    ${action}
  `;

  test("lets one in at a time: no count is lost", async () => {
    await using folder = await tempFolder();
    const name = key();
    const file = folder.at("count");
    await writeFile(file, "0");
    const count = `
      for (let index = 0; index < 50; index++) await lock(key, async () => {
        const before = Number(await readFile(${JSON.stringify(file)}, "utf8"));
        await new Promise((resolve) => setImmediate(resolve));
        await writeFile(${JSON.stringify(file)}, String(before + 1));
      });
      console.log("done");
    `;
    await using one = runModule(program(name, count));
    await using two = runModule(program(name, count));
    expect(await Promise.all([one.line(), two.line()])).toEqual(["done", "done"]);
    await Promise.all([one.ended, two.ended]);
    expect(await readFile(file, "utf8")).toBe("100");
  });

  test("is held while its holder lives, and free at once when that is killed", async () => {
    const name = key();
    const hold = `await lock(key, () => { console.log("held"); return new Promise((resolve) => setTimeout(resolve, 600_000)); });`;
    await using holder = runModule(program(name, hold));
    expect(await holder.line()).toBe("held");
    const order: string[] = [];
    const mine = withHostLock(name, async () => {
      order.push("mine");
    });
    // Long enough for many turns of an ordinary lock.
    for (let index = 0; index < 5; index++) await withHostLock(key(), settled);
    order.push("killed");
    holder.kill("SIGKILL");
    await mine;
    expect(order).toEqual(["killed", "mine"]);
  });
});
