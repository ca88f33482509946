import { expect, test } from "@jest/globals";
import { freeAddresses } from "./free-addresses.js";

test.each([
  [{ subnet: "10.0.0.0/24" }, [], 253, 253],
  [{ subnet: "10.0.0.0/29" }, ["10.0.0.2", "10.0.0.3"], 5, 3],
  [{ subnet: "10.0.0.0/24", gateway: "10.0.0.254" }, ["10.0.0.1"], 253, 252],
  [{ subnet: "10.0.0.0/24", rangeStart: "10.0.0.10", rangeEnd: "10.0.0.19" }, ["10.0.0.9", "10.0.0.10"], 10, 9],
  [{ subnet: "fd00::/126" }, ["fd00::2", "10.0.0.2"], 2, 1],
])("of %j with %j given out, %d are for containers and %d are free", (range, given, total, free) => {
  expect(freeAddresses(range, given)).toEqual([{ subnet: range.subnet, total, free }]);
});
