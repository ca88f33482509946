import { expect, test } from "@jest/globals";
import { Leftovers } from "./leftovers.js";

test("all steps are tried, and what is left is listed with its reason", async () => {
  const left = new Leftovers();
  const cause = new Error("busy");
  await left.attempt("task", () => Promise.resolve(), undefined);
  expect(left.found).toBe(false);
  await left.attempt("network", () => Promise.reject(cause), undefined);
  await left.attempt("snapshot", () => Promise.reject("odd"), undefined);
  expect(left.found).toBe(true);
  expect(left.toError("web")).toMatchObject({
    code: "CLEANUP_INCOMPLETE",
    message: "of container web is left: network (busy); snapshot (odd)",
    hint: expect.any(String),
    details: { container: "web", leftovers: ["network", "snapshot"] },
    cause: expect.objectContaining({ errors: [cause, "odd"] }),
  });
});

test("a single reason is the cause itself", async () => {
  const left = new Leftovers();
  const cause = new Error("busy");
  await left.attempt("cgroup", () => Promise.reject(cause), undefined);
  expect(left.toError("web").cause).toBe(cause);
});

test("an abort goes through, with the signal's reason, and is nothing that is left", async () => {
  const left = new Leftovers();
  const reason = { why: "enough" };
  const step = (): Promise<never> => Promise.reject(new Error("because of it"));
  await expect(left.attempt("task", step, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(left.found).toBe(false);
});
