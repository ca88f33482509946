import { describe, expect, test } from "@jest/globals";
import { defaultConfigList, defaultNetwork } from "../config/default-network.js";
import { parseConfigList, type NetworkConfigList } from "../protocol/config-list.js";
import { FakeWorld } from "../testing/doubles.js";
import { restoreText } from "./forward-accept.js";
import { isolatedBridges, leanList, leanNetworkOf } from "./lean-network.js";
import { addLine, collide, elementComment, elementsFor, parseElements, type PortElement } from "./port-elements.js";
import { ruleSet } from "./rule-set.js";

const network = defaultNetwork({ subnet6: "fd00::/64" });
const own = JSON.stringify(defaultConfigList(network));
const list = (text: string): NetworkConfigList => parseConfigList(text, "a test");

describe("the lean form of a list", () => {
  test("is the bridge alone, and tells what its rules are made from", () => {
    const lean = leanList(list(own), network);
    expect(lean?.plugins.map(({ type, config }) => [type, config["ipMasq"]])).toEqual([["bridge", false]]);
    expect(lean === undefined ? undefined : leanNetworkOf(lean)).toEqual({
      table: "voiyd-voiyd0",
      bridge: "voiyd0",
      subnets: ["10.69.0.0/16", "fd00::/64"],
    });
    expect(leanNetworkOf(list(own))).toBeUndefined();
  });

  test("is there for other addresses and another bridge", () => {
    const other = own.replace("10.69.0.0/16", "10.1.0.0/24").replace("voiyd0", "br7");
    expect(leanNetworkOf(leanList(list(other), network) ?? list(own))?.bridge).toBe("br7");
  });

  test.each([
    ["one plugin more", own.replace('{"type":"tuning"}', '{"type":"tuning"},{"type":"bandwidth"}')],
    ["one plugin less", own.replace(',{"type":"tuning"}', "")],
    ["a setting of a plugin", own.replace('{"type":"tuning"}', '{"type":"tuning","sysctl":{"a":"b"}}')],
    ["a setting of the bridge", own.replace('"hairpinMode":true', '"hairpinMode":true,"mtu":1400')],
    ["another address plugin", own.replace('"host-local"', '"dhcp"')],
    ["a subnet that is none", own.replace("10.69.0.0/16", "10.69.0.0/16; flush ruleset")],
    ["a bridge that nft would read otherwise", own.replace("voiyd0", "br*")],
  ])("is not there for a list with %s", (_, text) => {
    expect(text).not.toBe(own);
    expect(leanList(list(text), network)).toBeUndefined();
  });

  test("bridges are kept apart where the firewall plugin would keep them apart", () => {
    const loose = list(
      '{"cniVersion":"1.0.0","name":"x","plugins":[{"type":"bridge","bridge":"b1"},{"type":"firewall"}]}',
    );
    expect(isolatedBridges([list(own), loose])).toEqual(["voiyd0"]);
  });
});

describe("the rules", () => {
  const lean = { table: "voiyd-b", bridge: "b", subnets: ["10.1.0.0/24"] };

  test("have a marker that changes with them", () => {
    expect(ruleSet(lean, []).marker).toBe(ruleSet(lean, []).marker);
    expect(ruleSet(lean, []).marker).not.toBe(ruleSet(lean, ["c"]).marker);
    expect(ruleSet(lean, ["c", "d"]).script).toContain(
      'add rule inet voiyd-b forward iifname "b" oifname { "c", "d" } drop',
    );
  });

  test("of iptables are made again, and the jump to them only where it is missing", () => {
    expect(restoreText("b", "")).toContain("-I FORWARD -j VOIYD-FWD-b\n");
    expect(restoreText("b", "*filter\n-A FORWARD -j VOIYD-FWD-b\nCOMMIT\n")).not.toContain("-I FORWARD");
  });
});

describe("published ports as elements", () => {
  const port = { hostPort: 8080, containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0" } as const;
  const both = ["10.1.0.2", "fd00::2"];

  test.each([
    ["every address of both families", "0.0.0.0", both, ["0.0.0.0/0", "::/0"]],
    ["every address of the container's only family", "0.0.0.0", ["10.1.0.2"], ["0.0.0.0/0"]],
    ["every IPv6 address", "::", both, ["::/0"]],
    ["one address", "127.0.0.1", both, ["127.0.0.1"]],
    ["one IPv6 address, in one spelling", "FD00:0::9", both, ["fd00::9"]],
    ["an IPv4 address that is written as IPv6", "::ffff:127.0.0.1", both, ["127.0.0.1"]],
  ])("%s", (_, hostIp, addresses, hosts) => {
    const elements = elementsFor("voiyd-a", addresses, [{ ...port, hostIp }]);
    expect(elements.map(({ host }) => host)).toEqual(hosts);
  });

  test("what is added reads back as the same", () => {
    const elements = elementsFor("voiyd-a", both, [
      port,
      { ...port, hostPort: 53, protocol: "udp", hostIp: "127.0.0.1" },
    ]);
    expect(addLine("t", elements[0] ?? raise())).toBe(
      'add element inet t ports { tcp . 0.0.0.0/0 . 8080 comment "voiyd-a" : 10.1.0.2 . 80 }',
    );
    expect(parseElements(`${JSON.stringify({ nftables: elements.map(printed) })}\n`)).toEqual(elements);
    expect(parseElements("no json\n[]\n{}")).toEqual([]);
  });

  test("one address meets every address, but not another one or another protocol", () => {
    const [wide = raise()] = elementsFor("a", ["10.1.0.2"], [port]);
    const narrow: PortElement = { ...wide, host: "127.0.0.1" };
    expect([collide(wide, narrow), collide(narrow, wide)]).toEqual([true, true]);
    expect(collide(narrow, { ...narrow, host: "10.0.0.1" })).toBe(false);
    expect(collide(wide, { ...wide, protocol: "udp" })).toBe(false);
  });

  test("a comment stays within what nft takes", () => {
    expect(elementComment("voiyd-a")).toBe("voiyd-a");
    expect(elementComment("x".repeat(200))).toHaveLength(64);
  });
});

describe("where nft is not installed", () => {
  test("`auto` attaches with the plugins, and `lean` says why it does not", async () => {
    const auto = new FakeWorld({ defaultNetwork: { mode: "auto" } });
    await auto.manager.attach({ containerId: "voiyd-a" });
    expect(auto.executor.order).toEqual(["ADD bridge", "ADD portmap", "ADD firewall", "ADD tuning"]);
    const lean = new FakeWorld({ defaultNetwork: { mode: "lean" } });
    await expect(lean.manager.attach({ containerId: "voiyd-a" })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      details: { problem: "nft (nftables) is not installed" },
    });
    expect(lean.executor.calls).toEqual([]);
  });
});

function raise(): never {
  throw new Error("there is no such element");
}

/** As nft prints it. */
function printed({ family, protocol, host, hostPort, address, port, comment }: PortElement): unknown {
  const [addr, len] = host.split("/");
  const shown = len === undefined ? host : { prefix: { addr, len: Number(len) } };
  const key = { elem: { val: { concat: [protocol, shown, hostPort] }, comment } };
  return { map: { name: family === 4 ? "ports" : "ports6", elem: [[key, { concat: [address, port] }]] } };
}
