import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ContainerdError, WriteAction } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import { FakeClient } from "../testing/fake-client.js";
import { digestOf } from "../testing/fake-content.js";
import { ingest, type IngestInput } from "./ingest.js";

const REF = "layer-x";
const DATA = Buffer.from("0123456789");
const DIGEST = digestOf(DATA);

let client: FakeClient;

beforeEach(() => {
  client = new FakeClient();
});

/** What is to be ingested; `open` gives the bytes from the offset on, two at a time. */
function input(more: Partial<IngestInput> = {}): IngestInput & { readonly open: jest.Mock<IngestInput["open"]> } {
  return {
    ref: REF,
    descriptor: { mediaType: "x/y", digest: DIGEST, size: DATA.length },
    labels: { from: "here" },
    onBytes: () => undefined,
    ...more,
    open: jest.fn(more.open ?? ((offset) => bytes(DATA.subarray(offset)))),
  };
}

async function* bytes(data: Uint8Array, piece = 2): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += piece) yield data.subarray(at, at + piece);
}

const stored = (): string | undefined => client.store.blobs.get(DIGEST)?.data.toString();

describe("an ingest", () => {
  test("brings a blob into the store, with its labels in the same step", async () => {
    const progress: number[] = [];
    const what = input({ onBytes: (written) => progress.push(written) });
    await expect(ingest(client, what, {})).resolves.toBe(false);
    expect(client.store.blobs.get(DIGEST)).toEqual({ data: DATA, labels: { from: "here" } });
    expect(client.store.ingests.size).toBe(0);
    expect(progress).toEqual([10]);
  });

  test("sends a large blob in pieces of about two mebibytes, and says how far it is", async () => {
    const data = Buffer.alloc(6 * 1024 * 1024 + 5, "x");
    const progress: number[] = [];
    const what = input({
      descriptor: { mediaType: "x/y", digest: digestOf(data), size: data.length },
      open: () => bytes(data, 64 * 1024),
      onBytes: (written) => progress.push(written),
    });
    await ingest(client, what, {});
    expect(client.store.log).toEqual(["STAT", "WRITE 0", "WRITE 2097152", "WRITE 4194304", "WRITE 6291456", "COMMIT"]);
    expect(progress).toEqual([2097152, 4194304, 6291456, data.length]);
  });

  test("leaves a piece alone until the store has it, however the source fills its memory", async () => {
    const data = Buffer.alloc(
      16 * 1024 * 1024 + 5,
      Uint8Array.from({ length: 251 }, (_, at) => at),
    );
    client.store.onMessage = () => new Promise((resolve) => setTimeout(resolve, 2));
    async function* filled(memory: (() => Uint8Array) | undefined): AsyncGenerator<Uint8Array> {
      for (let at = 0, turn = 0; at < data.length; turn++) {
        const piece = memory?.() ?? new Uint8Array(1);
        // Every third one breaks off half-way, as a connection does.
        const count = Math.min(data.length - at, turn % 3 === 1 ? Math.ceil(piece.length / 2) : piece.length);
        piece.set(data.subarray(at, at + count));
        at += count;
        yield piece.subarray(0, count);
      }
    }
    const descriptor = { mediaType: "x/y", digest: digestOf(data), size: data.length };
    await ingest(client, input({ descriptor, open: (_offset, memory) => filled(memory) }), {});
    expect(client.store.blobs.get(descriptor.digest)?.data.equals(data)).toBe(true);
  });

  describe("tells which end is the slower one:", () => {
    const data = Buffer.alloc(20 * 1024 * 1024, "x");
    const descriptor = { mediaType: "x/y", digest: digestOf(data), size: data.length };
    /** A clock that only the slow end moves: what the machine does meanwhile takes no time. */
    let now: number;
    beforeEach(() => {
      now = 0;
      jest.spyOn(performance, "now").mockImplementation(() => now);
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });
    /** Once everything that can go on without it has done so. */
    const later = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      now += 30;
    };
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes(data, 2 * 1024 * 1024)) {
        await later();
        yield piece;
      }
    }
    const told = async (more: Partial<IngestInput>): Promise<Set<string>> => {
      const ends: string[] = [];
      await ingest(client, input({ ...more, onSlowerEnd: (end) => ends.push(end) }), {});
      return new Set(ends);
    };

    test("the line", async () => {
      expect(await told({ descriptor, open: slowly })).toEqual(new Set(["line"]));
    });

    test("the store", async () => {
      client.store.onMessage = later;
      const ends = await told({ descriptor, open: () => bytes(data, 2 * 1024 * 1024) });
      expect(ends).toEqual(new Set(["store"]));
    });

    test("the line, while nothing comes", async () => {
      let go: () => void = () => undefined;
      const isTold = new Promise<void>((resolve) => {
        go = resolve;
      });
      // Each look at the clock is a while later.
      jest.spyOn(performance, "now").mockImplementation(() => ++now);
      async function* onceTold(): AsyncGenerator<Uint8Array> {
        await isTold;
        yield DATA;
      }
      const ends: string[] = [];
      const onSlowerEnd = (end: string): void => {
        ends.push(end);
        go();
      };
      await ingest(client, input({ open: onceTold, onSlowerEnd }), {});
      expect(new Set(ends)).toEqual(new Set(["line"]));
    });

    test("the line, where all of it is one message", async () => {
      client.store.onMessage = later;
      expect(await told({})).toEqual(new Set(["line"]));
    });
  });

  test("of nothing is one too", async () => {
    const digest = digestOf(new Uint8Array());
    const what = input({ descriptor: { mediaType: "x/y", digest, size: 0 } });
    await expect(ingest(client, what, {})).resolves.toBe(false);
    expect(client.store.blobs.has(digest)).toBe(true);
    expect(what.open).not.toHaveBeenCalled();
  });

  test("fetches nothing that is there", async () => {
    client.store.blobs.set(DIGEST, { data: DATA, labels: {} });
    const what = input();
    await expect(ingest(client, what, {})).resolves.toBe(true);
    expect(what.open).not.toHaveBeenCalled();
    expect(client.store.log).toEqual([]);
  });

  test("goes on where an earlier one stopped", async () => {
    client.store.ingests.set(REF, DATA.subarray(0, 6));
    const what = input();
    await expect(ingest(client, what, {})).resolves.toBe(false);
    expect(what.open.mock.calls).toEqual([[6]]);
    expect(client.store.log).toEqual(["STAT", "WRITE 6", "COMMIT"]);
    expect(stored()).toBe("0123456789");
  });

  test("commits what an earlier one had written whole", async () => {
    client.store.ingests.set(REF, DATA);
    const what = input();
    await ingest(client, what, {});
    expect(what.open).not.toHaveBeenCalled();
    expect(stored()).toBe("0123456789");
  });

  test("writes over what somebody with another idea of the size has left", async () => {
    client.store.ingests.set(REF, Buffer.from("0123456789 and more"));
    await expect(ingest(client, input(), {})).resolves.toBe(false);
    expect(stored()).toBe("0123456789");
  });
});

describe("another writer of the blob", () => {
  test("is waited for, and what it has written is enough", async () => {
    client.store.isLocked = () => {
      // It is done by the time that we look again.
      client.store.blobs.set(DIGEST, { data: DATA, labels: {} });
      return true;
    };
    const what = input();
    await expect(ingest(client, what, {})).resolves.toBe(true);
    expect(what.open).not.toHaveBeenCalled();
  });

  test("that gives up leaves its part to us", async () => {
    let looks = 0;
    client.store.isLocked = () => ++looks < 3;
    client.store.ingests.set(REF, DATA.subarray(0, 4));
    const what = input();
    await expect(ingest(client, what, {})).resolves.toBe(false);
    expect(what.open.mock.calls).toEqual([[4]]);
    expect(client.store.aborted).toEqual([]);
    expect(stored()).toBe("0123456789");
  });

  test("that is faster is as good", async () => {
    client.store.onMessage = (action) => {
      if (action === WriteAction.COMMIT) client.store.blobs.set(DIGEST, { data: DATA, labels: {} });
    };
    await expect(ingest(client, input(), {})).resolves.toBe(true);
  });

  test("is waited for until the signal is aborted, with its reason", async () => {
    const stop = new AbortController();
    const reason = { why: "enough" };
    let looks = 0;
    client.store.isLocked = () => {
      if (++looks === 2) {
        setImmediate(() => {
          stop.abort(reason);
        });
      }
      return true;
    };
    await expect(ingest(client, input(), { signal: stop.signal })).rejects.toBe(reason);
  });
});

describe("what arrives and is something else", () => {
  test.each([
    ["other bytes", "9876543210"],
    ["fewer bytes", "01234"],
    ["more bytes", "0123456789+"],
  ])("is refused, and thrown away: %s", async (_what, text) => {
    const wrong = input({ open: () => bytes(Buffer.from(text)) });
    await expect(ingest(client, wrong, {})).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      message: expect.stringContaining(DIGEST),
      details: { digest: DIGEST },
    });
    expect(client.store.aborted).toEqual([REF]);
    expect(client.store.ingests.size).toBe(0);
    expect(stored()).toBeUndefined();
  });

  test("is thrown away too when its source has noticed", async () => {
    const error = new RuntimeError("DIGEST_MISMATCH", "the source says so");
    const wrong = input({
      open: async function* () {
        yield DATA.subarray(0, 2);
        throw error;
      },
    });
    await expect(ingest(client, wrong, {})).rejects.toBe(error);
    expect(client.store.aborted).toEqual([REF]);
  });

  test("is reported all the same when it cannot be thrown away", async () => {
    const wrong = input({ open: () => bytes(Buffer.from("9876543210")) });
    client.store.onMessage = (action) => {
      if (action === WriteAction.COMMIT) client.store.ingests.set("other", Buffer.alloc(0));
    };
    const abort = jest.spyOn(client.content, "abort");
    abort.mockRejectedValue(new ContainerdError("unavailable", "away", { method: "Content/Abort", connection: true }));
    await expect(ingest(client, wrong, {})).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(abort).toHaveBeenCalledTimes(1);
  });
});

describe("what has been written is kept for a later try", () => {
  /** Written in pieces that are sent at once. */
  const half = Buffer.alloc(4 * 1024 * 1024, "h");
  const large = input({ descriptor: { mediaType: "x/y", digest: digestOf(half), size: half.length } });

  test.each<[string, unknown]>([
    ["its source fails", new RuntimeError("REGISTRY_ERROR", "503")],
    ["its source is away", new RuntimeError("UNAVAILABLE", "no route")],
    ["its source ends in a way that nobody planned", new TypeError("defect")],
  ])("when %s", async (_what, error) => {
    const what = input({
      ...large,
      open: async function* () {
        yield half.subarray(0, 2 * 1024 * 1024);
        throw error;
      },
    });
    await expect(ingest(client, what, {})).rejects.toBe(error);
    expect(client.store.aborted).toEqual([]);
    expect(client.store.ingests.has(REF)).toBe(true);
  });

  test("when the daemon goes away", async () => {
    const lost = new ContainerdError("unavailable", "the connection was cut", {
      method: "Content/Write",
      connection: true,
    });
    client.store.onMessage = (action) => {
      if (action === WriteAction.COMMIT) throw lost;
    };
    await expect(ingest(client, input({ ...large, open: () => bytes(half, 65_536) }), {})).rejects.toBe(lost);
    expect(client.store.aborted).toEqual([]);
    expect(client.store.ingests.get(REF)).toHaveLength(half.length);
  });

  test("when it is aborted: with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = { why: "enough" };
    let writes = 0;
    client.store.onMessage = (action) => {
      if (action === WriteAction.WRITE && ++writes === 2) stop.abort(reason);
    };
    await expect(
      ingest(client, input({ ...large, open: () => bytes(half, 65_536) }), { signal: stop.signal }),
    ).rejects.toBe(reason);
    expect(client.store.aborted).toEqual([]);
    expect(client.store.ingests.get(REF)).toHaveLength(2 * 1024 * 1024);
  });
});

test("a full disk is the daemon's own error, and what was written is thrown away", async () => {
  const full = new ContainerdError("unknown", "write: no space left on device", { method: "Content/Write" });
  client.store.onMessage = (action) => {
    if (action === WriteAction.WRITE) throw full;
  };
  await expect(ingest(client, input(), {})).rejects.toBe(full);
  expect(client.store.aborted).toEqual([REF]);
});
