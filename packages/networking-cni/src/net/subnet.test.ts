import { isIP } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addressNumber, addressText, contains, overlap, parseSubnet, subnetText, type Subnet } from "./subnet.js";

function subnet(cidr: string): Subnet {
  const parsed = parseSubnet(cidr);
  if (parsed === undefined) throw new Error(`${cidr} is no subnet`);
  return parsed;
}

describe("addresses", () => {
  test("are the same after going through a number", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressText(addressNumber(address) ?? -1n, 4)).toBe(address);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const value = addressNumber(address) ?? -1n;
        const text = addressText(value, 6);
        expect([isIP(text), addressNumber(text)]).toEqual([6, value]);
      }),
    );
  });

  test.each([
    ["0.0.0.0", 0n],
    ["10.69.0.1", 172294145n],
    ["255.255.255.255", 4294967295n],
    ["::", 0n],
    ["::1", 1n],
    ["fd00::1:0", (0xfd00n << 112n) + 65536n],
    ["::ffff:1.2.3.4", (0xffffn << 32n) + 0x01020304n],
  ])("%s is a number", (address, value) => {
    expect(addressNumber(address)).toBe(value);
  });

  test.each(["", "1.2.3", "1.2.3.256", "fe80::1%eth0", "::g", "10.0.0.0/8"])("%j is none", (text) => {
    expect(addressNumber(text)).toBeUndefined();
  });
});

describe("subnets", () => {
  test.each([
    ["10.70.0.129/25", "10.70.0.128/25"],
    ["10.70.0.1/32", "10.70.0.1/32"],
    ["1.2.3.4/0", "0.0.0.0/0"],
    ["FD00:0:0::12/64", "fd00::/64"],
  ])("%s is %s", (cidr, canonical) => {
    expect(subnetText(subnet(cidr))).toBe(canonical);
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "/", ""])(
    "%j is none",
    (cidr) => {
      expect(parseSubnet(cidr)).toBeUndefined();
    },
  );

  test("contain the addresses between their ends, and overlap those that contain one of theirs", () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.integer({ min: 0, max: 32 }),
        fc.ipV4(),
        fc.integer({ min: 0, max: 32 }),
        (a, m, b, n) => {
          const [one, two] = [`${a}/${String(m)}`, `${b}/${String(n)}`];
          expect(contains(one, a)).toBe(true);
          // Of two subnets either one is in the other, or they have nothing in common.
          expect(overlap(subnet(one), subnet(two))).toBe(m <= n ? contains(one, b) : contains(two, a));
        },
      ),
    );
    expect(overlap(subnet("0.0.0.0/0"), subnet("::/0"))).toBe(false);
    expect(contains("::/0", "1.2.3.4")).toBe(false);
  });
});
