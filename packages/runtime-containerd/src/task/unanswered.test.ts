import { expect, test } from "@jest/globals";
import { Unanswered } from "./unanswered.js";

/** Whether a wait was given up that failed after each of these times, in milliseconds. */
function givenUp(times: readonly number[]): boolean {
  let now = 0;
  const unanswered = new Unanswered(() => now);
  return times.some((time) => {
    unanswered.begin();
    now += time;
    return unanswered.isTooOften();
  });
}

test("a wait that fails at once is given up the twentieth time, and not before", () => {
  expect(givenUp(Array.from({ length: 19 }, () => 1))).toBe(false);
  expect(givenUp(Array.from({ length: 20 }, () => 1))).toBe(true);
});

test("one that is interrupted now and then goes on for ever", () => {
  expect(givenUp(Array.from({ length: 1_000 }, () => 300))).toBe(false);
  expect(givenUp(Array.from({ length: 1_000 }, (_, index) => (index % 10 === 0 ? 300 : 1)))).toBe(false);
});
