import { describe, expect, test } from "@jest/globals";
import { Slots } from "./slots.js";

describe("the slots of a manager", () => {
  const never = new AbortController().signal;

  test("let so many run at once, and the others in the order of their arrival", async () => {
    const slots = new Slots(2);
    const finish: (() => void)[] = [];
    const began: number[] = [];
    const all = [0, 1, 2, 3].map((number) =>
      slots.run(() => {
        began.push(number);
        return new Promise<void>((resolve) => finish.push(resolve));
      }, never),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(began).toEqual([0, 1]);
    finish[1]?.();
    await all[1];
    await new Promise((resolve) => setImmediate(resolve));
    expect(began).toEqual([0, 1, 2]);
    finish[0]?.();
    finish[2]?.();
    await Promise.all([all[0], all[2]]);
    await new Promise((resolve) => setImmediate(resolve));
    finish[3]?.();
    await all[3];
    expect(began).toEqual([0, 1, 2, 3]);
  });

  test("are given back by what fails, and by who gives up waiting", async () => {
    const slots = new Slots(1);
    await expect(slots.run(() => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
    let finish = (): void => undefined;
    const first = slots.run(() => new Promise<void>((resolve) => (finish = resolve)), never);
    const controller = new AbortController();
    const second = slots.run(() => Promise.resolve("second"), controller.signal);
    const third = slots.run(() => Promise.resolve("third"), never);
    controller.abort(new Error("changed my mind"));
    await expect(second).rejects.toThrow("changed my mind");
    finish();
    await first;
    await expect(third).resolves.toBe("third");
  });
});
