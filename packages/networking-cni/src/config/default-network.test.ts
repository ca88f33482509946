import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentLogger } from "@voiyd/logger";
import fc from "fast-check";
import type { UsedSubnet } from "../host/host-links.js";
import { parseConfigList } from "../protocol/config-list.js";
import { defaultNetwork, type DefaultNetworkOptions } from "./default-network.js";
import { ProcHostIpv6 } from "./host-ipv6.js";
import { Networks } from "./networks.js";
import { ulaSubnet } from "./ula-subnet.js";

const ADVERTISED_DEFAULT = `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 fe80${"0".repeat(27)}1 00000400 00000001 00000000 00450003     ens3`;
const STATIC_DEFAULT = ADVERTISED_DEFAULT.replace("00450003", "00000003");

/** A host whose files under /proc have these contents. */
function host(files: Readonly<Record<string, string>>, hasNat = true): ProcHostIpv6 {
  const all: Readonly<Record<string, string>> = {
    "/proc/sys/net/ipv6/conf/all/disable_ipv6": "0\n",
    "/proc/sys/net/ipv6/conf/default/disable_ipv6": "0\n",
    "/proc/sys/net/ipv6/conf/all/forwarding": "0\n",
    "/proc/sys/net/ipv6/conf/ens3/accept_ra": "1\n",
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    ...files,
  };
  return new ProcHostIpv6(
    (path) => Promise.resolve(all[path] ?? ""),
    () => Promise.resolve(hasNat),
  );
}

describe("a private IPv6 subnet", () => {
  test("is a /64 of fd00::/8, the same for the same machine and network, another one for any other", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (machine, network) => {
        const [address = "", length] = ulaSubnet(machine, network).split("/");
        expect([isIPv6(address), address.startsWith("fd"), length]).toEqual([true, true, "64"]);
        expect(ulaSubnet(machine, network)).toBe(ulaSubnet(machine, network));
      }),
    );
    const subnets = ["a", "b"].flatMap((machine) => ["voiyd0", "voiyd1"].map((network) => ulaSubnet(machine, network)));
    expect(new Set(subnets).size).toBe(4);
    // One site a machine: what routes between its networks sees one prefix.
    expect(new Set(subnets.map((subnet) => subnet.split(":").slice(0, 3).join(":"))).size).toBe(2);
  });
});

describe("IPv6 for containers", () => {
  test.each<[string, ProcHostIpv6, boolean]>([
    ["where the host has it", host({}), true],
    ["not where it is disabled", host({ "/proc/sys/net/ipv6/conf/all/disable_ipv6": "1\n" }), false],
    ["not where new interfaces have it disabled", host({ "/proc/sys/net/ipv6/conf/default/disable_ipv6": "1" }), false],
    ["not where the kernel knows nothing of it", host({ "/proc/sys/net/ipv6/conf/all/disable_ipv6": "" }), false],
    ["not where ip6tables cannot translate", host({}, false), false],
    [
      "not where forwarding would cost the host its advertised default route",
      host({ "/proc/net/ipv6_route": ADVERTISED_DEFAULT }),
      false,
    ],
    ["where the default route is a fixed one", host({ "/proc/net/ipv6_route": STATIC_DEFAULT }), true],
    [
      "where advertisements are taken in spite of forwarding",
      host({
        "/proc/net/ipv6_route": ADVERTISED_DEFAULT,
        "/proc/sys/net/ipv6/conf/ens3/accept_ra": "2\n",
      }),
      true,
    ],
    [
      "where the host forwards already",
      host({
        "/proc/net/ipv6_route": ADVERTISED_DEFAULT,
        "/proc/sys/net/ipv6/conf/all/forwarding": "1\n",
      }),
      true,
    ],
  ])("%s", async (_, facts, usable) => {
    expect(await facts.isUsable()).toBe(usable);
  });
});

describe("the default list", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "voiyd-default-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  async function ipam(
    options: DefaultNetworkOptions,
    facts: ProcHostIpv6,
    used: readonly UsedSubnet[] = [],
  ): Promise<unknown> {
    await new Networks(dir, defaultNetwork(options), silentLogger, () => Promise.resolve(used), facts).load("default");
    const list = parseConfigList(readFileSync(join(dir, "10-voiyd.conflist"), "utf8"), "the file");
    return list.plugins[0]?.config["ipam"];
  }

  test("has both families where the host has both, IPv4 first", async () => {
    const subnet6 = ulaSubnet("0123456789abcdef0123456789abcdef", "voiyd0");
    expect(await ipam({}, host({}))).toEqual({
      type: "host-local",
      ranges: [[{ subnet: "10.69.0.0/16" }], [{ subnet: subnet6 }]],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    });
  });

  test.each<[string, DefaultNetworkOptions, ProcHostIpv6]>([
    ["the host has no IPv6", {}, host({}, false)],
    ["it is not wanted", { subnet6: false }, host({})],
  ])("has IPv4 alone where %s", async (_, options, facts) => {
    expect(await ipam(options, facts)).toMatchObject({ routes: [{ dst: "0.0.0.0/0" }] });
  });

  test.each([
    ["a route of the host", "10.0.0.0/8", "tun0", "172.20.0.0/24"],
    ["an address of the host", "10.69.3.4/32", "ens3", "10.70.0.0/24"],
    ["nobody but its own bridge", "10.69.0.0/16", "voiyd0", "10.69.0.0/16"],
    ["something else", "192.168.1.0/24", "ens3", "10.69.0.0/16"],
  ])("has a subnet that is free where %s takes its own", async (by, subnet, device, expected) => {
    expect(await ipam({ subnet6: false }, host({}), [{ subnet, by, device }])).toMatchObject({
      ranges: [[{ subnet: expected }]],
    });
  });

  test("beside another network has a subnet that this has not", async () => {
    const other = { subnet: "10.69.7.0/24", type: "host-local" };
    const list = { cniVersion: "1.0.0", name: "other", plugins: [{ type: "bridge", ipam: other }] };
    writeFileSync(join(dir, "20-other.conflist"), JSON.stringify(list));
    expect(await ipam({ subnet6: false }, host({}))).toMatchObject({ ranges: [[{ subnet: "10.70.0.0/24" }]] });
  });

  test("is not written with a subnet that was asked for and is in use", async () => {
    const used = [{ subnet: "10.1.0.0/16", by: "a route of the host", device: "tun0" }];
    await expect(ipam({ subnet: "10.1.2.0/24" }, host({}), used)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      details: { reason: "subnet-overlap", usedBy: "a route of the host", proposed: "10.70.0.0/24" },
    });
    expect(readdirSync(dir)).toEqual([]);
  });

  test("takes the IPv6 subnet that it is given, and is written once only", async () => {
    const given = { subnet6: "fd00:1::/64" };
    const expected = { ranges: [[{ subnet: "10.69.0.0/16" }], [{ subnet: "fd00:1::/64" }]] };
    expect(await ipam(given, host({}, false))).toMatchObject(expected);
    expect(await ipam({}, host({}))).toMatchObject(expected);
  });
});
