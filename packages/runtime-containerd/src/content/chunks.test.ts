import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { chunksOf, join } from "./chunks.js";

async function* from(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function all(pieces: readonly Uint8Array[], size: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(from(pieces), size, 1)) chunks.push(chunk.slice());
  return chunks;
}

describe("chunks", () => {
  test("have every byte once, in order, and are as large as they should be, but for the last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.integer({ min: 1, max: 30 }),
        async (pieces, size) => {
          const chunks = await all(pieces, size);
          expect(Buffer.concat(chunks)).toEqual(Buffer.concat(pieces));
          for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBe(size);
          for (const chunk of chunks) {
            expect(chunk.length).toBeGreaterThan(0);
            expect(chunk.length).toBeLessThanOrEqual(size);
          }
        },
      ),
    );
  });

  test("of nothing are none", async () => {
    expect(await all([], 4)).toEqual([]);
    expect(await all([new Uint8Array()], 4)).toEqual([]);
  });

  test("stay as they are until the buffers' turn comes again", async () => {
    const pieces = Array.from({ length: 12 }, (_, index) => Uint8Array.of(index));
    const recent: (readonly [Uint8Array, string])[] = [];
    for await (const chunk of chunksOf(from(pieces), 2, 3)) {
      recent.push([chunk, chunk.join()]);
      for (const [kept, text] of recent.slice(-3)) expect(kept.join()).toBe(text);
    }
    expect(new Set(recent.map(([chunk]) => chunk)).size).toBe(3);
  });

  test("are filled in place by a source that takes the memory, in whatever portions", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 })),
        fc.integer({ min: 1, max: 7 }),
        async (portions, size) => {
          const given: Uint8Array[] = [];
          let byte = 0;
          async function* source(memory: () => Uint8Array): AsyncGenerator<Uint8Array> {
            for (const portion of portions) {
              const piece = memory();
              given.push(piece);
              expect(piece.length).toBeGreaterThan(0);
              const filled = piece.subarray(0, portion);
              for (let at = 0; at < filled.length; at++) filled[at] = byte++;
              yield filled;
            }
          }
          const recent: (readonly [Uint8Array, string])[] = [];
          let text = "";
          for await (const chunk of chunksOf(source, size, 2)) {
            recent.push([chunk, chunk.join()]);
            for (const [kept, was] of recent.slice(-2)) expect(kept.join()).toBe(was);
            text += `${chunk.join()},`;
          }
          expect(text).toBe(Array.from({ length: byte }, (_, at) => `${String(at)},`).join(""));
          expect(new Set(given.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  test("take a piece that is only a part of the memory, or of something else", async () => {
    async function* source(memory: () => Uint8Array): AsyncGenerator<Uint8Array> {
      const piece = memory();
      piece.set([1, 2, 3, 4]);
      yield piece.subarray(2, 4);
      yield Uint8Array.of(5);
      memory().fill(6);
      yield memory().subarray(0, 1);
    }
    const chunks: string[] = [];
    for await (const chunk of chunksOf(source, 4, 2)) chunks.push(chunk.join());
    expect(chunks).toEqual(["3,4,5,6"]);
  });

  test("end their source when nobody wants more", async () => {
    let ended = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(4);
      } finally {
        ended = true;
      }
    }
    for await (const chunk of chunksOf(source(), 4, 1)) if (chunk.length === 4) break;
    expect(ended).toBe(true);
  });

  test("fail as their source does", async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("cut");
    }
    await expect(chunksOf(source(), 4, 1).next()).rejects.toThrow("cut");
  });
});

test("a single piece is not copied", () => {
  const piece = new Uint8Array([1, 2]);
  expect(join([piece], 2)).toBe(piece);
  expect(join([piece, piece], 4)).toEqual(new Uint8Array([1, 2, 1, 2]));
  expect(join([], 0)).toEqual(new Uint8Array());
});
