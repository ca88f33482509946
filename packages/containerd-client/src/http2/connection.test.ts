import { afterEach, describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream, type Settings } from "node:http2";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { Http2Connection } from "./connection.js";
import { settingsFrame } from "./frame-writer.js";
import { PREFACE } from "./protocol.js";
import { rawFrame } from "../testing/raw-frame.js";
import { RecordingObserver } from "../testing/recording-observer.js";

const REQUEST = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "localhost"],
] as const;

const cleanUps: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listen(server: Server | Http2Server): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-http2-"));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  server.listen(join(folder, "socket"));
  await once(server, "listening");
  return join(folder, "socket");
}

function open(address: string): { connection: Http2Connection; closed: Promise<Error> } {
  let close: (reason: Error) => void = () => undefined;
  const closed = new Promise<Error>((resolve) => {
    close = resolve;
  });
  const connection = new Http2Connection(connect(address), {
    onReady: () => undefined,
    onLeaving: () => undefined,
    onBusy: () => undefined,
    onClosed: close,
  });
  cleanUps.push(() => {
    connection.destroy(new Error("the test is over"));
    return Promise.resolve();
  });
  return { connection, closed };
}

/** A connection to Node.js' own server. */
async function openToNode(
  onStream: (stream: ServerHttp2Stream) => void,
  settings: Settings = {},
): Promise<Http2Connection> {
  const server = createHttp2Server({ settings });
  server.on("sessionError", () => undefined);
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    onStream(stream);
  });
  return open(await listen(server)).connection;
}

/** A server that says `bytes` to whoever connects, behind its settings unless `settings` is false. */
async function openToBytes(bytes: Uint8Array, settings = true): Promise<ReturnType<typeof open>> {
  const server = createServer((socket) => {
    if (settings) socket.write(settingsFrame([]));
    socket.once("data", () => socket.write(bytes));
  });
  return open(await listen(server));
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("a request", () => {
  test("of any size arrives whole, through windows of any size", async () => {
    for (const initialWindowSize of [1, 1_000, 65_535, 1_000_000]) {
      const connection = await openToNode(
        (stream) => {
          stream.respond({ ":status": 200 });
          stream.pipe(stream);
        },
        { initialWindowSize },
      );
      const body = Buffer.alloc(initialWindowSize === 1 ? 300 : 700_000, "voiyd");
      const observer = new RecordingObserver();
      observer.stream = connection.open(REQUEST, observer);
      observer.stream.send([body.subarray(0, 100), body.subarray(100)], true);
      await observer.closed;
      expect(observer.reason).toBeUndefined();
      expect(Buffer.compare(observer.body(), body)).toBe(0);
    }
  });

  test("waits while the peer takes no further one", async () => {
    let most = 0;
    let active = 0;
    const connection = await openToNode(
      (stream) => {
        most = Math.max(most, ++active);
        setTimeout(() => {
          active--;
          stream.respond({ ":status": 200 }, { endStream: true });
        }, 5);
      },
      { maxConcurrentStreams: 2 },
    );
    // The first one makes the peer's settings known.
    const first = new RecordingObserver();
    connection.open(REQUEST, first).send([], true);
    await first.closed;
    const observers = Array.from({ length: 9 }, () => new RecordingObserver());
    for (const observer of observers) connection.open(REQUEST, observer).send([], true);
    await Promise.all(observers.map(({ closed }) => closed));
    expect(observers.map(({ header }) => header?.[":status"])).toEqual(observers.map(() => "200"));
    expect(most).toBe(2);
    expect(connection.active).toBe(0);
  });

  test("that nobody reads holds up no other one", async () => {
    const connection = await openToNode((stream) => {
      stream.respond({ ":status": 200 });
      const size = stream.id === 1 ? 500 : 1;
      Readable.from(Array.from({ length: size }, () => Buffer.alloc(60_000))).pipe(stream);
    });
    const unread = new RecordingObserver({ reads: false });
    unread.stream = connection.open(REQUEST, unread);
    unread.stream.send([], true);
    await unread.begun;
    for (let index = 0; index < 20; index++) {
      const observer = new RecordingObserver();
      observer.stream = connection.open(REQUEST, observer);
      observer.stream.send([], true);
      await observer.closed;
      expect(observer.body()).toHaveLength(60_000);
    }
    // No more of it than the window of a stream has come.
    expect(unread.body().length).toBeLessThanOrEqual(4 * 1024 * 1024);
    unread.stream.reset(8);
    await unread.closed;
  });

  test("says when it can send on, and not before", async () => {
    let read = (): void => undefined;
    const connection = await openToNode((stream) => {
      stream.respond({ ":status": 200 });
      read = () => {
        stream.resume();
        stream.on("end", () => stream.end());
      };
    });
    const observer = new RecordingObserver();
    const stream = connection.open(REQUEST, observer);
    expect(stream.send([Buffer.alloc(3_000_000)], false)).toBe(false);
    await observer.begun;
    expect(stream.isBlocked).toBe(true);
    read();
    await observer.drained;
    expect(stream.isBlocked).toBe(false);
    stream.send([], true);
    await observer.closed;
    expect(observer.reason).toBeUndefined();
  });

  test("that cannot be sent is refused, and nothing else suffers", async () => {
    const connection = await openToNode((stream) => {
      stream.respond({ ":status": 200 }, { endStream: true });
    });
    expect(() => connection.open([...REQUEST, ["a", "\n"]], new RecordingObserver())).toThrow(TypeError);
    const observer = new RecordingObserver();
    connection.open(REQUEST, observer).send([], true);
    await observer.closed;
    expect(observer.header?.[":status"]).toBe("200");
  });

  test("is answered by headers of any size", async () => {
    const long = "x".repeat(40_000);
    const connection = await openToNode((stream) => {
      stream.respond({ ":status": 200, long }, { endStream: true });
    });
    const observer = new RecordingObserver();
    connection.open([...REQUEST, ["long", "y".repeat(20_000)]], observer).send([], true);
    await observer.closed;
    expect(observer.header?.["long"]).toBe(long);
  });
});

describe("a peer that breaks the rules", () => {
  test.each([
    ["begins with something else", hex("000000 01 04 00000001"), false],
    ["speaks another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), false],
    ["answers what nobody asked", hex("000001 01 05 00000063 88"), true],
    ["opens a stream of its own", hex("000001 01 05 00000002 88"), true],
    ["pushes", hex("000005 05 04 00000001 00000002 88"), true],
    [
      "does not continue its headers",
      hex("000001 01 00 00000001 88 000000 00 01 00000001 000008 06 00 00000000 0000000000000000"),
      true,
    ],
    ["continues nothing", hex("000001 09 04 00000001 88"), true],
    ["widens a window by nothing", hex("000004 08 00 00000000 00000000"), true],
    ["widens a window too far", hex("000004 08 00 00000000 7fffffff"), true],
    ["pings with another size", hex("000004 06 00 00000000 00000000"), true],
    ["sends half a setting", hex("000003 04 00 00000000 000000"), true],
    ["asks for frames of no size", hex("000006 04 00 00000000 0005 00000001"), true],
    ["sends headers that are none", hex("000001 01 05 00000001 80"), true],
  ])("and %s loses the connection, and its requests fail", async (_, bytes, settings) => {
    const { connection, closed } = await openToBytes(bytes, settings);
    const observer = new RecordingObserver();
    connection.open(REQUEST, observer).send([], true);
    await observer.closed;
    expect(observer.reason).toMatchObject({ code: "EPROTO" });
    expect(await closed).toBe(observer.reason);
    expect(connection.active).toBe(0);
  });

  test("by a window of a stream loses that stream", async () => {
    const { connection } = await openToBytes(
      hex("000004 08 00 00000001 7fffffff 000008 06 00 00000000 0000000000000000"),
    );
    const observer = new RecordingObserver();
    const stream = connection.open(REQUEST, observer);
    stream.send([], false);
    await observer.closed;
    expect(observer.reason).toBeUndefined();
    expect(stream.resetCode).toBe(3);
  });

  test("in any way ends every request, once, and nothing is thrown", async () => {
    const anyFrame = fc
      .tuple(fc.nat(10), fc.nat(255), fc.constantFrom(0, 1, 2, 3, 99), fc.uint8Array({ maxLength: 40 }))
      .map(([type, flags, stream, payload]) => rawFrame(type, flags, stream, payload));
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 12 }), async (frames) => {
        const server = createServer((socket) => {
          socket.write(settingsFrame([]));
          socket.once("data", () => socket.end(Buffer.concat(frames)));
        });
        const { connection, closed } = open(await listen(server));
        const observers = [new RecordingObserver(), new RecordingObserver()];
        for (const observer of observers) connection.open(REQUEST, observer).send([Buffer.from("x")], true);
        await Promise.all([closed, ...observers.map((observer) => observer.closed)]);
        expect(observers.map(({ ends }) => ends)).toEqual([1, 1]);
      }),
      { numRuns: 150 },
    );
  });
});

test("a connection that is lost fails its requests with what the system says", async () => {
  const { connection, closed } = open("/nonexistent/socket");
  const observer = new RecordingObserver();
  connection.open(REQUEST, observer).send([], true);
  await observer.closed;
  expect(observer.reason).toMatchObject({ code: "ENOENT" });
  expect(await closed).toBe(observer.reason);
});

test("the first thing that a peer hears is the preface", async () => {
  const heard = new Promise<Buffer>((resolve) => {
    void listen(
      createServer((socket) => {
        socket.once("data", resolve);
      }),
    ).then((address) => open(address));
  });
  expect((await heard).subarray(0, PREFACE.length)).toEqual(PREFACE);
});
