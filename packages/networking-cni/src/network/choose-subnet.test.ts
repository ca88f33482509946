import { describe, expect, test } from "@jest/globals";
import type { UsedSubnet } from "../host/host-links.js";
import { checkedGateway, checkedSubnet, freeSubnet } from "./choose-subnet.js";

const used = (...subnets: readonly string[]): readonly UsedSubnet[] =>
  subnets.map((subnet) => ({ subnet, by: `whoever has ${subnet}`, device: "" }));

describe("a free subnet", () => {
  test.each([
    [[], "10.70.0.0/24"],
    [["10.69.0.0/16", "10.70.0.200/32"], "10.70.1.0/24"],
    [["10.70.0.0/15"], "10.72.0.0/24"],
    // A VPN that takes a whole range.
    [["10.0.0.0/8"], "172.20.0.0/24"],
    [["10.0.0.0/8", "172.16.0.0/12"], "192.168.128.0/24"],
    [["fd00::/8", "no subnet"], "10.70.0.0/24"],
  ])("beside %j is %s", (taken, expected) => {
    expect(freeSubnet(used(...taken))).toBe(expected);
  });

  test("is not there where everything is taken", () => {
    expect(() => freeSubnet(used("0.0.0.0/0"))).toThrow(expect.objectContaining({ code: "FAILED_PRECONDITION" }));
  });
});

describe("a subnet that was asked for", () => {
  test("is taken in canonical form", () => {
    expect(checkedSubnet("10.70.0.5/24", 4, [])).toBe("10.70.0.0/24");
    expect(checkedSubnet("fd00:0::1/64", 6, used("10.0.0.0/8"))).toBe("fd00::/64");
  });

  test.each([
    ["10.70.0.0/31", 4],
    ["0.0.0.0/0", 4],
    ["fd00::/64", 4],
    ["10.70.0.0/24", 6],
    ["anything", 4],
  ] as const)("is refused when it is %s for IPv%d", (cidr, family) => {
    expect(() => checkedSubnet(cidr, family, [])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("is refused when it overlaps another one of its family, which is named", () => {
    const details = { reason: "subnet-overlap", usedBy: "whoever has fd00::/32", conflict: "fd00::/32" };
    const refused = expect.objectContaining({ code: "FAILED_PRECONDITION", details: expect.objectContaining(details) });
    expect(() => checkedSubnet("fd00::/64", 6, used("fd00::/32"))).toThrow(refused);
  });

  test.each(["10.70.0.0", "10.70.0.255", "10.70.1.1", "fd00::1", "10.70.0.1/24", ""])(
    "has no gateway %j",
    (gateway) => {
      expect(() => checkedGateway(gateway, "10.70.0.0/24")).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    },
  );
});
