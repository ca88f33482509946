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
