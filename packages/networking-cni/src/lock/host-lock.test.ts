import { spawn } from "node:child_process";
import { once } from "node:events";
import { createHash, randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { HostLocks } from "./host-lock.js";

const describeLinux = process.platform === "linux" ? describe : describe.skip;
if (process.platform !== "linux") process.stderr.write("skipped: locks need abstract unix sockets, that is, Linux\n");

describeLinux("a lock of the host", () => {
  test("is held by one at a time, also across instances, and all get it in the end", async () => {
    const scope = randomUUID();
    const instances = [new HostLocks(scope), new HostLocks(scope)];
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const lock = await instances[index % 2]?.acquire("key");
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        await lock?.[Symbol.asyncDispose]();
      }),
    );
    expect([most, holders]).toEqual([1, 0]);
  });

  test("does not keep others from other keys", async () => {
    const locks = new HostLocks(randomUUID());
    const both = await Promise.all([locks.acquire("a"), locks.acquire("b")]);
    await Promise.all(both.map((lock) => lock[Symbol.asyncDispose]()));
    expect(both).toHaveLength(2);
  });

  test("is given up waiting for on abort, which bothers nobody else", async () => {
    const locks = new HostLocks(randomUUID());
    const held = await locks.acquire("key");
    const controller = new AbortController();
    const waiting = locks.acquire("key", controller.signal);
    const next = locks.acquire("key");
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await held[Symbol.asyncDispose]();
    await (await next)[Symbol.asyncDispose]();
  });

  test("is free once its holder is dead", async () => {
    const scope = randomUUID();
    const address = `\0voiyd-cni-${createHash("sha256").update(`${scope}\0key`).digest("hex")}`.padEnd(108, "\0");
    const script = "require('net').createServer().listen(JSON.parse(process.argv[1]), () => console.log('held'))";
    const holder = spawn(process.execPath, ["-e", script, JSON.stringify(address)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    let acquired = false;
    const waiting = new HostLocks(scope).acquire("key").then((lock) => {
      acquired = true;
      return lock;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(acquired).toBe(false);
    holder.kill("SIGKILL");
    await (await waiting)[Symbol.asyncDispose]();
    expect(acquired).toBe(true);
  });
});
