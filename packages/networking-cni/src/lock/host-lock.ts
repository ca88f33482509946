import { createHash } from "node:crypto";
import { lockAddress, listen, untilClosed, type LockServer } from "./lock-socket.js";
import { Mutex } from "./mutex.js";

/** A lock that is held. Disposing it lets the next one in. */
export type HeldLock = AsyncDisposable;

/**
 * Locks between all processes of a host network namespace. A lock is an abstract unix socket: whoever can bind its
 * name holds it, the kernel lets go of it when the process dies, and nothing stays on the disk. Who waits is connected
 * to the holder, and is woken by the end of the connection.
 */
export class HostLocks {
  readonly #scope: string;
  readonly #queues = new Map<string, Mutex>();

  /** Locks of different scopes do not know each other. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /** Waits for the lock. Rejects with the signal's reason. */
  async acquire(key: string, signal?: AbortSignal): Promise<HeldLock> {
    // Within this process a queue in memory is in front of the socket: it is fair, and costs nothing.
    const queue = this.#queues.get(key) ?? new Mutex();
    this.#queues.set(key, queue);
    const leave = await queue.acquire(signal);
    try {
      const server = await this.#bind(this.#address(key), signal);
      return {
        [Symbol.asyncDispose]: async () => {
          await server.close();
          leave();
          if (queue.idle) this.#queues.delete(key);
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  #address(key: string): string {
    const digest = createHash("sha256").update(`${this.#scope}\0${key}`).digest("hex");
    return lockAddress(`voiyd-cni-${digest}`);
  }

  async #bind(address: string, signal: AbortSignal | undefined): Promise<LockServer> {
    for (;;) {
      signal?.throwIfAborted();
      const server = await listen(address);
      if (server !== undefined) return server;
      await untilClosed(address, signal);
    }
  }
}
