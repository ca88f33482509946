import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { startBounded } from "./bounded.js";
import { KeyedLock } from "./keyed-lock.js";
import { lateSignal } from "./late-signal.js";
import { pause } from "./pause.js";
import { together } from "./together.js";
import { Turns } from "./turns.js";
import { within } from "./within.js";

/** A promise and the means to settle it. */
function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** After everything that is ready has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rejectsOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason);
    });
  });

describe("together", () => {
  test("resolves with both values", async () => {
    await expect(
      together(
        async () => 1,
        async () => "b",
        undefined,
      ),
    ).resolves.toEqual([1, "b"]);
  });

  test("starts both before either has ended", async () => {
    const first = deferred();
    const second = jest.fn(async () => {
      first.resolve();
    });
    await together(() => first.promise, second, undefined);
    expect(second).toHaveBeenCalled();
  });

  test("aborts the other when one fails, and waits for its end", async () => {
    const cleanUp = deferred();
    const error = new Error("first");
    let done = false;
    const both = together(
      () => Promise.reject(error),
      async (signal) => {
        await rejectsOnAbort(signal).catch(() => cleanUp.promise);
      },
      undefined,
    ).finally(() => {
      done = true;
    });
    both.catch(() => undefined);
    await settled();
    expect(done).toBe(false);
    cleanUp.resolve();
    await expect(both).rejects.toBe(error);
  });

  test("rejects with what failed first, not with what came of it", async () => {
    const error = new Error("first");
    const second = async (signal: AbortSignal): Promise<never> => {
      await rejectsOnAbort(signal).catch(() => undefined);
      throw new Error("because of the first");
    };
    await expect(together(() => Promise.reject(error), second, undefined)).rejects.toBe(error);
    await expect(together(second, () => Promise.reject(error), undefined)).rejects.toBe(error);
  });

  test("passes an undefined reason on too", async () => {
    await expect(
      together(
        () => Promise.reject(undefined),
        async () => 1,
        undefined,
      ),
    ).rejects.toBeUndefined();
  });

  test("aborts both with the caller's signal, and rejects with its reason", async () => {
    const stop = new AbortController();
    const reason = { why: "enough" };
    const both = together(
      rejectsOnAbort,
      (signal) => rejectsOnAbort(signal).catch(() => Promise.reject(new Error("x"))),
      stop.signal,
    );
    stop.abort(reason);
    await expect(both).rejects.toBe(reason);
  });
});

describe("within", () => {
  test("is the value, when that comes in time", async () => {
    await expect(within(Promise.resolve(3), 10_000)).resolves.toBe(3);
    await expect(within(Promise.resolve(3), Infinity)).resolves.toBe(3);
  });

  test("is undefined, when the time is over", async () => {
    await expect(within(new Promise(() => undefined), 1)).resolves.toBeUndefined();
  });

  test("rejects as the promise does", async () => {
    await expect(within(Promise.reject(new Error("no")), 10_000)).rejects.toThrow("no");
  });

  test("rejects with the signal's reason, before and during the wait", async () => {
    const reason = new Error("enough");
    await expect(within(new Promise(() => undefined), Infinity, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const waiting = within(new Promise(() => undefined), Infinity, stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("waits longer than a timer can, without ending at once", async () => {
    const value = deferred<number>();
    const waiting = within(value.promise, 2 ** 40);
    await settled();
    value.resolve(5);
    await expect(waiting).resolves.toBe(5);
  });

  test("leaves nothing on the signal", async () => {
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, "removeEventListener");
    const add = jest.spyOn(signal, "addEventListener");
    await within(Promise.resolve(1), 10_000, signal);
    await within(new Promise(() => undefined), 1, signal);
    expect(add).toHaveBeenCalledTimes(2);
    for (const [index, call] of add.mock.calls.entries()) expect(remove.mock.calls[index]?.[1]).toBe(call[1]);
  });
});

describe("bounded work", () => {
  test("is done at most so much at a time, in order, each once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 }), async (count, limit) => {
        const started: number[] = [];
        let running = 0;
        let most = 0;
        const items = Array.from({ length: count }, (_, index) => index);
        await Promise.all(
          startBounded(items, limit, async (item) => {
            started.push(item);
            most = Math.max(most, ++running);
            for (let turn = 0; turn <= item % 3; turn++) await Promise.resolve();
            running--;
          }),
        );
        expect([...started].sort((a, b) => a - b)).toEqual(items);
        expect(most).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test("resolves each as soon as it is done", async () => {
    const [first, second] = [deferred(), deferred()];
    const [one, two] = startBounded([first, second], 2, ({ promise }) => promise);
    second.resolve();
    await two;
    first.resolve();
    await one;
  });

  test("begins the next when any of them has ended, and not that which has its place in a row", async () => {
    const gates = [deferred(), deferred(), deferred(), deferred()];
    const started: number[] = [];
    const done = startBounded([0, 1, 2, 3], 2, async (item) => {
      started.push(item);
      await gates[item]?.promise;
    });
    await settled();
    expect(started).toEqual([0, 1]);
    for (const item of [1, 2]) {
      gates[item]?.resolve();
      await settled();
    }
    expect(started).toEqual([0, 1, 2, 3]);
    for (const item of [0, 3]) gates[item]?.resolve();
    await Promise.all(done);
  });

  test("begins the next when one passes its turn on, and waits for the end of both all the same", async () => {
    const gates = [deferred(), deferred()];
    const started: number[] = [];
    const done = startBounded([0, 1], 1, async (item, passOn) => {
      started.push(item);
      if (item === 0) {
        passOn();
        passOn();
      }
      await gates[item]?.promise;
    });
    await settled();
    expect(started).toEqual([0, 1]);
    gates[1]?.resolve();
    await done[1];
    gates[0]?.resolve();
    await done[0];
  });

  test("begins nothing more after a failure, and the rest fail with it", async () => {
    const error = new Error("the second");
    const work = jest.fn(async (item: number) => {
      if (item === 2) throw error;
    });
    const results = await Promise.allSettled(startBounded([1, 2, 3, 4], 1, work));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    for (const result of results.slice(1)) expect(result).toHaveProperty("reason", error);
    expect(work).toHaveBeenCalledTimes(2);
  });
});

describe("a keyed lock", () => {
  test("lets one in at a time, in the order in which they came", async () => {
    const lock = new KeyedLock();
    const order: string[] = [];
    const gate = deferred();
    const enter = (name: string): Promise<string> =>
      lock.run("key", async () => {
        order.push(`${name} in`);
        await gate.promise;
        order.push(`${name} out`);
        return name;
      });
    const all = Promise.all([enter("a"), enter("b"), enter("c")]);
    await settled();
    expect(order).toEqual(["a in"]);
    gate.resolve();
    await expect(all).resolves.toEqual(["a", "b", "c"]);
    expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("lets holders of other keys in meanwhile", async () => {
    const lock = new KeyedLock();
    const gate = deferred();
    const held = lock.run("one", () => gate.promise);
    await expect(lock.run("two", async () => 2)).resolves.toBe(2);
    gate.resolve();
    await held;
  });

  test("is free again after a failure", async () => {
    const lock = new KeyedLock();
    await expect(lock.run("key", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(lock.run("key", async () => 1)).resolves.toBe(1);
  });
});

describe("a pause", () => {
  test("ends", async () => {
    await expect(pause(1, {})).resolves.toBeUndefined();
  });

  test("rejects with the signal's own reason, before and during", async () => {
    const reason = { why: "enough" };
    await expect(pause(100_000, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stop = new AbortController();
    const waiting = pause(100_000, { signal: stop.signal });
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("lateSignal", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([
    ["aborted later", false],
    ["aborted before", true],
  ])("follows a signal that is %s, when its time is over", (_when, before) => {
    const control = new AbortController();
    if (before) control.abort("why");
    using late = lateSignal(control.signal, 5000);
    control.abort("why");
    jest.advanceTimersByTime(4999);
    expect(late.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(late.signal.reason).toBe("why");
  });

  test("leaves no timer behind, and is not aborted any more", () => {
    const control = new AbortController();
    const late = lateSignal(control.signal, 5000);
    control.abort();
    late[Symbol.dispose]();
    expect(jest.getTimerCount()).toBe(0);
    const other = lateSignal(new AbortController().signal, 5000);
    other[Symbol.dispose]();
    expect(other.signal.aborted).toBe(false);
  });
});

describe("turns", () => {
  const takeAll = (turns: Turns, count: number): (() => void)[] => {
    const ends: (() => void)[] = [];
    for (let i = 0; i < count; i++) void turns.take().then((end) => ends.push(end));
    return ends;
  };

  test("are as many as the limit says, and one that ends twice ends once", async () => {
    const turns = new Turns(1);
    const ends = takeAll(turns, 3);
    await settled();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    ends[0]?.();
    await settled();
    expect(ends).toHaveLength(2);
  });

  test("are given at once to those who wait when the limit is raised", async () => {
    const turns = new Turns(1);
    const ends = takeAll(turns, 3);
    turns.limit = 3;
    await settled();
    expect(ends).toHaveLength(3);
  });

  test("are taken from nobody when it is lowered, and the next waits for that many to end", async () => {
    const turns = new Turns(3);
    const ends = takeAll(turns, 4);
    await settled();
    turns.limit = 2;
    ends[0]?.();
    await settled();
    expect(ends).toHaveLength(3);
    ends[1]?.();
    await settled();
    expect(ends).toHaveLength(4);
  });
});
