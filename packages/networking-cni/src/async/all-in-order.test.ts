import { expect, test } from "@jest/globals";
import { allInOrder } from "./all-in-order.js";

/** Fails, but only after everything that is ready already. */
async function failLate(message: string): Promise<never> {
  await new Promise(setImmediate);
  throw new Error(message);
}

test("the values come in order, whatever is ready first", async () => {
  const late = new Promise<string>((resolve) => setImmediate(resolve, "late"));
  expect(await allInOrder([late, Promise.resolve(1), "plain"])).toEqual(["late", 1, "plain"]);
});

test("of several errors the first in order is thrown, not the first in time", async () => {
  const soon = Promise.reject(new Error("soon"));
  await expect(allInOrder([Promise.resolve(1), failLate("late"), soon])).rejects.toThrow("late");
});

test("nothing runs any more when an error is thrown", async () => {
  let done = false;
  const working = new Promise<void>((resolve) => setImmediate(resolve)).then(() => (done = true));
  await expect(allInOrder([Promise.reject(new Error("soon")), working])).rejects.toThrow("soon");
  expect(done).toBe(true);
});
