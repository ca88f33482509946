import { connect, createServer, type Server, type Socket } from "node:net";
import { errorCode } from "../plugin/error-code.js";
import { orAbort } from "./mutex.js";

/** Length of a socket address of the kernel (`sun_path`). A name of full length means the same to every libuv. */
const ADDRESS_LENGTH = 108;

/** The address of the abstract unix socket of this name. */
export function lockAddress(name: string): string {
  return `\0${name}`.padEnd(ADDRESS_LENGTH, "\0");
}

/** The socket of a held lock, with those who wait. */
export class LockServer {
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
export function listen(address: string): Promise<LockServer | undefined> {
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
export async function untilClosed(address: string, signal: AbortSignal | undefined): Promise<void> {
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
