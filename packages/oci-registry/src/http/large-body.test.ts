import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import type { Descriptor } from "../document/descriptor.js";
import { parseReference } from "../reference/parse-reference.js";
import type { Reference } from "../reference/reference.js";
import { createRegistrySource } from "../registry/registry-source.js";
import type { ImageSource } from "../source/image-source.js";
import { FakeRegistry, isBlob } from "../testing/fake-registry.js";
import { cut, reset, stall, status, whole } from "../testing/faults.js";
import { failureOf, readAll } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { plainLength } from "./response-head.js";

const BYTES = Uint8Array.from({ length: 3_000_001 }, (_, position) => (position * 31) % 251);
const PIECE = 700_001;

let registry: FakeRegistry;
let source: ImageSource;
let layer: Descriptor;
let asked: number;

/** A buffer of its own for every piece, so that a test can keep them all. */
const memory = (): Uint8Array => {
  asked++;
  return new Uint8Array(PIECE);
};

beforeEach(async () => {
  registry = await FakeRegistry.start();
  source = createRegistrySource({ clock: new TestClock(), random: () => 0, stallTimeoutMs: 200 });
  layer = registry.blob("app", BYTES);
  asked = 0;
});

afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const reference = (): Reference => parseReference(`${registry.host}/app:v1`);
const equal = (bytes: Uint8Array, from = 0): boolean => Buffer.from(bytes).equals(BYTES.subarray(from));

describe("a large body", () => {
  test("fills the pieces that it is given, the last one as far as it goes", async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of source.fetch(reference(), layer, { memory })) pieces.push(piece);
    expect(pieces.map(({ length }) => length)).toEqual([PIECE, PIECE, PIECE, PIECE, BYTES.length - 4 * PIECE]);
    expect(equal(Buffer.concat(pieces))).toBe(true);
    expect(asked).toBe(pieces.length);
  });

  test("asks for memory only when the piece is wanted", async () => {
    const iterator = source.fetch(reference(), layer, { memory })[Symbol.asyncIterator]();
    for (let taken = 1; taken <= 3; taken++) {
      await iterator.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(asked).toBe(taken);
    }
    await iterator.return?.();
  });

  test("is verified", async () => {
    const wrong = BYTES.slice();
    wrong[2_000_000] = 252;
    registry.script(isBlob, whole(wrong));
    expect((await failureOf(readAll(source.fetch(reference(), layer, { memory })))).code).toBe("DIGEST_MISMATCH");
    registry.script(isBlob, whole(wrong));
    const unverified = await readAll(source.fetch(reference(), layer, { memory, verifyDigest: false }));
    expect(Buffer.from(unverified).equals(wrong)).toBe(true);
  });

  test.each([0, 1, 65_536, 700_001, 1_500_000, 3_000_000])("goes on when it is cut at byte %i", async (at) => {
    registry.script(isBlob, cut(BYTES, at));
    expect(equal(await readAll(source.fetch(reference(), layer, { memory })))).toBe(true);
    const seen = registry.requests.filter(isBlob).map(({ headers }) => headers.range);
    expect(seen).toHaveLength(2);
    // What had arrived is not asked for again.
    expect(seen[1]).toBe(at === 0 ? undefined : `bytes=${String(at)}-`);
  });

  test("goes on after a stall, a refusal and a reset", async () => {
    registry.script(isBlob, stall(BYTES, 1_000_000));
    registry.script(isBlob, status(503));
    registry.script(isBlob, reset);
    expect(equal(await readAll(source.fetch(reference(), layer, { memory })))).toBe(true);
    expect(registry.requests.filter(isBlob)).toHaveLength(4);
  });

  test("may come from anywhere within", async () => {
    expect(equal(await readAll(source.fetch(reference(), layer, { memory, offset: 1_234_567 })), 1_234_567)).toBe(true);
    expect(equal(await readAll(source.fetch(reference(), layer, { memory, offset: 2_999_999 })), 2_999_999)).toBe(true);
    registry.script(isBlob, whole(BYTES));
    expect(equal(await readAll(source.fetch(reference(), layer, { memory, offset: 1_234_567 })), 1_234_567)).toBe(true);
  });

  test("without a length is read as any other", async () => {
    registry.script(isBlob, whole(BYTES, true));
    expect(equal(await readAll(source.fetch(reference(), layer, { memory })))).toBe(true);
    expect(asked).toBe(0);
  });

  test("follows a redirect", async () => {
    registry.script(isBlob, (_, response) => {
      response.writeHead(307, { location: "/v2/moved" });
      response.end();
    });
    registry.script(({ url }) => url.pathname === "/v2/moved", whole(BYTES));
    expect(equal(await readAll(source.fetch(reference(), layer, { memory })))).toBe(true);
    expect(asked).toBeGreaterThan(0);
  });

  test("ends with its reader, and with its signal, and closes the connection", async () => {
    for await (const piece of source.fetch(reference(), layer, { memory })) if (piece.length > 0) break;
    const controller = new AbortController();
    const reading = source.fetch(reference(), layer, { memory, signal: controller.signal })[Symbol.asyncIterator]();
    registry.script(isBlob, stall(BYTES, 10));
    const next = reading.next();
    setTimeout(() => {
      controller.abort(new Error("enough"));
    }, 50);
    await expect(next).rejects.toThrow("enough");
    for (const end = Date.now() + 2_000; registry.connections > 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(registry.connections).toBe(0);
  });
});

test("200 MB are read with the memory of three pieces", async () => {
  const size = 200_000_000;
  const block = Buffer.alloc(250_000, "x");
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": String(size) });
    Readable.from(Array.from({ length: size / block.length }, () => block)).pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  const ring = [0, 1, 2].map(() => new Uint8Array(2 * 1024 * 1024));
  let turn = 0;
  const inTurn = (): Uint8Array => ring[turn++ % ring.length] ?? new Uint8Array(1);
  const descriptor = { ...layer, digest: `sha256:${"a".repeat(64)}`, size };
  const target = parseReference(`127.0.0.1:${String(address.port)}/app:v1`);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let length = 0;
  for await (const piece of source.fetch(target, descriptor, { memory: inTurn, verifyDigest: false })) {
    length += piece.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  server.close();
  expect(length).toBe(size);
  // Whatever the server, in the same process, has allocated is in this too.
  expect(most).toBeLessThan(16_000_000);
});

describe("the length of a head", () => {
  test.each([
    ["HTTP/1.1 200 OK\r\nContent-Length: 12", 12],
    ["HTTP/1.0 206 \r\nX: y\r\ncontent-length:\t7 ", 7],
    ["HTTP/1.1 200\r\nContent-Length: 0", 0],
    ["HTTP/1.1 200 OK", undefined],
    ["HTTP/1.1 404 Not Found\r\nContent-Length: 12", undefined],
    ["HTTP/1.1 100 Continue\r\nContent-Length: 12", undefined],
    ["HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Length: 12", undefined],
    ["HTTP/1.1 200 OK\r\nContent-Length: 12, 12", undefined],
    ["HTTP/1.1 200 OK\r\nContent-Length: +12", undefined],
    ["HTTP/1.1 200 OK\r\nContent-Length: 12\r\nTransfer-Encoding: chunked", undefined],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\nContent-Length: 12", undefined],
    ["HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 1\r\nContent-Length: 12", undefined],
    ["HTTP/1.1 200 OK\nTransfer-Encoding: chunked\r\nContent-Length: 12", undefined],
    ["HTTP/2 200 OK\r\nContent-Length: 12", undefined],
  ])("%j is %p", (head, length) => {
    expect(plainLength(head)).toBe(length);
  });
});
