import { expect, test } from "@jest/globals";
import { isBeingDeleted, isShimWithoutTask } from "./task-state.js";

test.each([
  ["task 4f: not found", false, false],
  ["no running task found: task 4f not found: not found", false, false],
  ["container not created: not found", true, false],
  ["cannot delete a deleted process: not found", false, true],
])("what an answer of absence means is in its text: %s", (message, withoutTask, beingDeleted) => {
  expect([isShimWithoutTask(message), isBeingDeleted(message)]).toEqual([withoutTask, beingDeleted]);
});
