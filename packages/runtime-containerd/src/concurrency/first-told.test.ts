import { describe, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { firstTold } from "./first-told.js";

const failure = async (text: string, ms: number): Promise<never> => {
  await pause(ms);
  throw new Error(text);
};

describe("of two things at the same time", () => {
  test("both results are told", async () => {
    expect(await firstTold(Promise.resolve(1), Promise.resolve("two"))).toEqual([1, "two"]);
  });

  test("the first one's failure is told, although the second failed sooner", async () => {
    await expect(firstTold(failure("first", 10), failure("second", 0))).rejects.toThrow("first");
  });

  test("the second one's failure is told once the first has succeeded", async () => {
    await expect(firstTold(pause(10), failure("second", 0))).rejects.toThrow("second");
  });

  test("the second one has ended when the first one's failure is told", async () => {
    let ended = false;
    const second = pause(20).then(() => (ended = true));
    await expect(firstTold(failure("first", 0), second)).rejects.toThrow("first");
    expect(ended).toBe(true);
  });
});
