import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { errorCode } from "../plugin/error-code.js";
import { Mutex, orAbort } from "./mutex.js";

/** A lock that is held. Disposing it lets the next one in. */
export type HeldLock = AsyncDisposable;

/** Length of a socket address of the kernel (`sun_path`). A name of full length means the same to every libuv. */
const ADDRESS_LENGTH = 108;

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
    return `\0voiyd-cni-${digest}`.padEnd(ADDRESS_LENGTH, "\0");
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

/** The socket of a held lock, with those who wait. */
class LockServer {
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#waiting.add(socket);
      socket.unref();
      socket.resume();
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#waiting.delete(socket));
    });
  }

  /** The name is free before anybody who waits is woken. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => {
        resolve();
      }),
    );
    this.#waiting.forEach((socket) => socket.destroy());
    await closed;
  }
}

/** `undefined` when somebody else holds the name. */
function listen(address: string): Promise<LockServer | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    const held = new LockServer(server);
    server.once("error", (error) => {
      if (errorCode(error) === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: address, exclusive: true }, () => {
      // A held lock is no reason for a process to stay alive.
      server.unref();
      resolve(held);
    });
  });
}

/** Waits for the end of whoever holds the name. Not being able to connect means that it has just ended. */
async function untilClosed(address: string, signal: AbortSignal | undefined): Promise<void> {
  const socket = connect({ path: address });
  const closed = new Promise<void>((resolve) => {
    // Why it ended makes no difference: in each case the name is worth another try.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      resolve();
    });
    socket.resume();
  });
  try {
    await orAbort(closed, signal);
  } finally {
    socket.destroy();
  }
}
