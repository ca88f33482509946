import { expect, test } from "@jest/globals";
import { loadKoffi, takeKoffiFrom } from "./koffi.js";

test("the library that calls the kernel comes from where the program says, and is looked at", () => {
  const koffi = { load: () => undefined, errno: () => 0 };
  takeKoffiFrom(() => koffi);
  expect(loadKoffi()).toBe(koffi);
  takeKoffiFrom(() => ({}));
  expect(() => loadKoffi()).toThrow("is not what it is taken for");
});
