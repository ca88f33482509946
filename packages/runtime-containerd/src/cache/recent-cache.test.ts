import { expect, jest, test } from "@jest/globals";
import { RecentCache } from "./recent-cache.js";

test("a value is read once, until others have been used more recently", async () => {
  const cache = new RecentCache<object>(2);
  const read = jest.fn(async () => ({}));
  for (const key of ["a", "b", "a", "a", "c", "a"]) await cache.get(key, read);
  expect(read).toHaveBeenCalledTimes(3);
  await cache.get("b", read);
  expect(read).toHaveBeenCalledTimes(4);
});

test("a failure is not kept", async () => {
  const cache = new RecentCache<object>();
  const value = {};
  await expect(cache.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(cache.get("a", async () => value)).resolves.toBe(value);
});
