import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ContainerdClient } from "../client.js";

let folder: string;
let cleanUps: (() => unknown)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-faults-"));
  cleanUps = [() => rm(folder, { recursive: true })];
});

afterEach(async () => {
  jest.useRealTimers();
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/** Something that listens where containerd should. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const address = join(folder, "x.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(address, resolve));
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return address;
}

function clientAt(address: string): ContainerdClient {
  const client = new ContainerdClient({ address, namespace: "test" });
  cleanUps.push(() => {
    client.close();
  });
  return client;
}

async function failure(address: string, options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<unknown> {
  return clientAt(address)
    .version.version({}, options)
    .then(
      () => "an answer",
      (error: unknown) => error,
    );
}

describe("a client finds at the address", () => {
  test("nothing", async () => {
    const address = join(folder, "absent.sock");
    expect(await failure(address)).toMatchObject({
      code: "unavailable",
      connection: true,
      message: `containerd at ${address}: there is no socket`,
      hint: expect.stringContaining("CONTAINERD_ADDRESS"),
    });
  });

  test("the socket of a daemon that is gone", async () => {
    const address = await listen(() => undefined);
    const left = join(folder, "left.sock");
    await link(address, left);
    for (const cleanUp of cleanUps.splice(1).reverse()) await cleanUp();
    expect(await failure(left)).toMatchObject({ code: "unavailable", connection: true, hint: "start containerd" });
  });

  test("a file that is no socket", async () => {
    const address = join(folder, "file");
    await writeFile(address, "");
    expect(await failure(address)).toMatchObject({ code: "unavailable", connection: true });
  });

  test("somebody who speaks HTTP/1", async () => {
    const address = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    expect(await failure(address)).toMatchObject({ code: "unavailable", connection: true });
  });

  test("somebody who hangs up at once", async () => {
    const address = await listen((socket) => socket.destroy());
    expect(await failure(address)).toMatchObject({ code: "unavailable", connection: true });
  });

  test("somebody who says nothing: the handshake has a limit", async () => {
    const address = await listen(() => {
      jest.advanceTimersByTime(10_000);
    });
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
    expect(await failure(address)).toMatchObject({
      code: "unavailable",
      connection: true,
      message: `containerd at ${address}: the connection timed out`,
    });
  });

  test("somebody who says nothing: the call's own deadline", async () => {
    const address = await listen(() => undefined);
    expect(await failure(address, { timeoutMs: 20 })).toMatchObject({ code: "deadline_exceeded" });
  });

  test("somebody who says nothing: an abort", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const address = await listen(() => {
      stop.abort(reason);
    });
    expect(await failure(address, { signal: stop.signal })).toBe(reason);
  });
});

test("every call that waits for the same connection hears of its failure", async () => {
  const client = clientAt(join(folder, "absent.sock"));
  const results = await Promise.allSettled([
    client.version.version({}),
    client.version.version({}),
    client.images.list({}),
  ]);
  expect(results).toHaveLength(3);
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
});
