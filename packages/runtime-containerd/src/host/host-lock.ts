import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { hasCode } from "./file-store.js";

/**
 * The whole of `sun_path` (unix(7)): every byte counts in an abstract name, and not all releases of Node.js agree on how
 * many of a shorter one there are.
 */
const NAME_BYTES = 108;

/** Mutual exclusion between all processes of the host, released by the kernel when its holder dies. */
export type HostLock = <T>(key: string, action: () => Promise<T>, options?: HostLockOptions) => Promise<T>;

export interface HostLockOptions {
  readonly signal?: AbortSignal;
  /** Called when somebody else has it, each time before waiting for them. */
  readonly onHeld?: () => void;
}

/** Whether somebody has this lock just now. Takes nothing: nobody is kept from the lock by the question. */
export type HostLockProbe = (key: string) => Promise<boolean>;

export const isHostLockHeld: HostLockProbe = (key) =>
  new Promise((resolve, reject) => {
    const socket = connect(nameOf(key));
    const answer = (held: boolean): void => {
      socket.destroy();
      resolve(held);
    };
    socket.once("connect", () => {
      answer(true);
    });
    socket.once("error", (error) => {
      if (hasCode(error, "ECONNREFUSED", "ENOENT")) answer(false);
      // So many wait for it that there is no more room.
      else if (hasCode(error, "EAGAIN")) answer(true);
      else reject(error);
    });
  });

/**
 * The lock is the name of an abstract unix socket (unix(7)): only one process can bind it, and it is gone with the
 * process. Who has to wait connects to the holder and waits for the hang-up, so nothing is polled and nothing is left.
 */
export const withHostLock: HostLock = async (key, action, options = {}) => {
  const server = await acquire(nameOf(key), options);
  try {
    return await action();
  } finally {
    await release(server);
  }
};

function nameOf(key: string): string {
  return `\0voiyd-${createHash("sha256").update(key).digest("hex").slice(0, 40)}`.padEnd(NAME_BYTES, "-");
}

async function acquire(name: string, { signal, onHeld }: HostLockOptions): Promise<Server> {
  for (;;) {
    signal?.throwIfAborted();
    const server = await tryListen(name);
    if (server !== undefined) return server;
    onHeld?.();
    signal?.throwIfAborted();
    await hangUp(name, signal);
  }
}

function tryListen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => waiting.delete(socket));
      socket.on("close", () => waiting.delete(socket));
    });
    server.on("close-waiting", () => {
      for (const socket of waiting) socket.destroy();
    });
    server.once("error", (error) => {
      if (hasCode(error, "EADDRINUSE")) resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      server.unref();
      resolve(server);
    });
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.emit("close-waiting");
  });
}

/** Resolves when whoever holds the name has let it go, or has let us go. */
function hangUp(name: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(name);
    const abort = (): void => {
      socket.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    // A refused connection means that the holder is gone already.
    socket.once("error", () => {
      socket.destroy();
    });
    socket.once("close", () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    socket.resume();
  });
}
