import { expect, test } from "@jest/globals";
import { unlessAborted } from "./unless-aborted.js";

const never = new Promise<string>(() => undefined);

test("an abort ends the waiting with its own reason, before or during it", async () => {
  const reason = new Error("enough");
  await expect(unlessAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test("what settles first is taken, right or wrong", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve("x"), signal)).toBe("x");
  await expect(unlessAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
});
