import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HeldLock, HostLocks } from "./host-lock.js";
import { listen, lockAddress, untilClosed } from "./lock-socket.js";

/** The key of the lock that whoever enters passes through, and whoever closes the gate holds. */
const KEY = "gate";

/**
 * A gate between all processes of a host network namespace: any number of operations can be inside, or one that has
 * closed it, and then nobody else. Whoever is inside has an abstract unix socket, which the kernel removes when the
 * process dies and lists in `/proc/net/unix`. Nobody starves: who wants to close waits for those inside only.
 */
export class HostGate {
  readonly #locks: HostLocks;
  readonly #prefix: string;
  readonly #sockets: () => Promise<string>;

  constructor(
    locks: HostLocks,
    scope: string,
    sockets: () => Promise<string> = () => readFile("/proc/net/unix", "latin1"),
  ) {
    this.#locks = locks;
    this.#prefix = `voiyd-cni-in-${createHash("sha256").update(scope).digest("hex").slice(0, 24)}-`;
    this.#sockets = sockets;
  }

  /** Enters, once the gate is open. Disposing leaves. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<HeldLock> {
    const lock = await this.#locks.acquire(KEY, signal);
    try {
      // A name of its own: nobody else can have it.
      const inside = await listen(lockAddress(`${this.#prefix}${randomUUID()}`));
      return { [Symbol.asyncDispose]: async () => inside?.close() };
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Closes the gate and waits until nobody is inside. Disposing opens it. Rejects with the signal's reason. */
  async close(signal?: AbortSignal): Promise<HeldLock> {
    const lock = await this.#locks.acquire(KEY, signal);
    try {
      for (const name of await this.#inside()) await untilClosed(lockAddress(name), signal);
      return lock;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #inside(): Promise<readonly string[]> {
    // The kernel shows the NULs of an abstract name as "@", those in front of it and those that fill it up.
    const names = (await this.#sockets()).matchAll(/ @(voiyd-cni-in-[0-9a-f-]+)@*$/gm);
    return Array.from(names, ([, name = ""]) => name).filter((name) => name.startsWith(this.#prefix));
  }
}
