import { EventEmitter, once } from "node:events";
import { createServer, type Http2Session, type IncomingHttpHeaders } from "node:http2";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

/** A call as it came over the wire. */
export interface ReceivedCall {
  /** As `/containerd.services.version.v1.Version/Version`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A daemon that answers what a test tells it to: real gRPC, over a real unix socket. */
export interface FakeContainerd extends AsyncDisposable {
  readonly address: string;
  readonly calls: readonly ReceivedCall[];
  /** Connections that were ever made. */
  readonly connections: number;
  /** Resolves when so many connections have ended. */
  closed(count: number): Promise<void>;
  /** Tells every client that its connection takes no further calls; those under way go on. */
  goAway(): void;
  /** Cuts every connection and stops listening, as when the daemon is killed. */
  kill(): Promise<void>;
  /** Listens again at the same address. */
  start(): Promise<void>;
}

export async function startFakeContainerd(routes: (router: ConnectRouter) => void): Promise<FakeContainerd> {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-fake-"));
  const address = join(folder, "containerd.sock");
  const calls: ReceivedCall[] = [];
  const sockets = new Set<Socket>();
  const sessions = new Set<Http2Session>();
  const ends = new EventEmitter();
  let connections = 0;
  let ended = 0;
  let stop: () => Promise<void> = () => Promise.resolve();

  const start = (): Promise<void> => {
    const server = createServer(connectNodeAdapter({ routes }));
    server.on("connection", (socket: Socket) => {
      connections++;
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        ended++;
        ends.emit("end");
      });
    });
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    server.on("stream", (_stream, headers) => {
      calls.push({ path: headers[":path"] ?? "", headers });
    });
    // A client that goes away is what some tests are about.
    server.on("sessionError", () => undefined);
    stop = () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(address, resolve);
    });
  };
  const kill = async (): Promise<void> => {
    const ending = stop;
    stop = () => Promise.resolve();
    await ending();
  };

  await start();
  return {
    address,
    calls,
    get connections() {
      return connections;
    },
    async closed(count) {
      while (ended < count) await once(ends, "end");
    },
    goAway() {
      for (const session of sessions) session.close();
    },
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}
