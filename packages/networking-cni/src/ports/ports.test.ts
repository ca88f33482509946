import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { publishedByRules } from "../firewall/published-rules.js";
import { parseSavedRules } from "../firewall/saved-rules.js";
import { attachmentRules } from "../firewall/attachment-rules.js";
import { canonicalAddress, parseSocketTable } from "./listeners.js";
import { reservePorts } from "./reserve-ports.js";
import { validatePorts } from "./validate-ports.js";

const SOCKETS = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0200630A:C001 0100630A:0050 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
`;
const SOCKETS_6 =
  "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0\n   1: 0000000000000000FFFF00000100007F:0017 00000000000000000000000000000000:0000 0A 0\n";
const RULES = String.raw`*nat
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-DN-cbc75e8ef874aee403621 - [0:0]
:CNI-cbc75e8ef874aee403621f2c - [0:0]
-A POSTROUTING -s 10.69.0.2/32 -m comment --comment "name: \"bridge\" id: \"default-t3\"" -j CNI-cbc75e8ef874aee403621f2c
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"bridge\" id: \"default-t3\"" -m multiport --dports 8080 -j CNI-DN-cbc75e8ef874aee403621
-A CNI-DN-cbc75e8ef874aee403621 -s 10.69.0.0/16 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-cbc75e8ef874aee403621 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.69.0.2:80
-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p udp -m udp --dport 53:54 -j DNAT --to-destination 172.17.0.2:53
COMMIT
*filter
:CNI-FORWARD - [0:0]
-A CNI-FORWARD -d 10.69.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A CNI-FORWARD -s 10.69.0.2/32 -j ACCEPT
-A CNI-FORWARD -s 10.69.0.20/32 -j ACCEPT
COMMIT
`;

describe("sockets of the host", () => {
  test("are read from the kernel's tables", () => {
    expect(parseSocketTable(SOCKETS, "tcp", "0A")).toEqual([
      { protocol: "tcp", port: 8080, address: "127.0.0.1", listening: true },
      { protocol: "tcp", port: 49153, address: "10.99.0.2", listening: false },
    ]);
    expect(parseSocketTable(SOCKETS_6, "tcp", "0A").map(({ address, port }) => [address, port])).toEqual([
      ["::1", 22],
      ["127.0.0.1", 23],
    ]);
  });
  test("any text is read without throwing", () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseSocketTable(text, "udp", "07"))));
  });
  test.each([
    ["::0", "::"],
    ["FD00:0::1", "fd00::1"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["1.2.3.4", "1.2.3.4"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });
});

describe("rules of the host", () => {
  test("tell which ports are published, and for whom", () => {
    expect(
      publishedByRules(parseSavedRules(RULES)).map(({ owner, port }) => [
        owner,
        port.protocol,
        port.hostIp,
        port.hostPort,
      ]),
    ).toEqual([
      ["container default-t3", "tcp", "0.0.0.0", 8080],
      ["a firewall rule in chain DOCKER", "udp", "127.0.0.1", 53],
      ["a firewall rule in chain DOCKER", "udp", "127.0.0.1", 54],
    ]);
  });
  test("of one attachment are removed, jumps before chains, and no other's", () => {
    const owner = { network: "bridge", containerId: "default-t3", addresses: ["10.69.0.2"] };
    expect(
      attachmentRules(parseSavedRules(RULES), owner).map(({ table, lines }) => [
        table,
        lines.map((line) => line.split(" ").slice(0, 2).join(" ")),
      ]),
    ).toEqual([
      [
        "nat",
        [
          "-D POSTROUTING",
          "-D CNI-HOSTPORT-DNAT",
          "-F CNI-cbc75e8ef874aee403621f2c",
          "-F CNI-DN-cbc75e8ef874aee403621",
          "-X CNI-cbc75e8ef874aee403621f2c",
          "-X CNI-DN-cbc75e8ef874aee403621",
        ],
      ],
      ["filter", ["-D CNI-FORWARD", "-D CNI-FORWARD"]],
    ]);
    expect(attachmentRules(parseSavedRules(RULES), { ...owner, containerId: "other", addresses: [] })).toEqual([]);
  });
  test("any text is read without throwing", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) =>
        Array.isArray(publishedByRules(parseSavedRules(`*nat\n-A ${a}\n${b}`))),
      ),
    );
  });
});

describe("ports", () => {
  const use = { owned: [], sockets: [], random: () => 0.999999 };
  const port = (
    hostPort: number,
    hostIp = "0.0.0.0",
    protocol: "tcp" | "udp" = "tcp",
  ): Parameters<typeof reservePorts>[0][number] => ({ hostPort, containerPort: 80, protocol, hostIp });

  test("are filled in", () => {
    expect(validatePorts([{ hostPort: 0, containerPort: 80 }])).toEqual([port(0)]);
  });
  test.each([
    [port(80), port(80), true],
    [port(80), port(80, "1.2.3.4"), true],
    [port(80, "::"), port(80, "1.2.3.4"), true],
    [port(80, "1.2.3.4"), port(80, "1.2.3.5"), false],
    [port(80, "fd00::1"), port(80, "fd00:0::1"), true],
    [port(80), port(80, "0.0.0.0", "udp"), false],
    [port(80), port(81), false],
  ])("%j and %j meet: %s", (owned, wanted, meet) => {
    const reserve = (): unknown => reservePorts([wanted], { ...use, owned: [{ owner: "container x", port: owned }] });
    if (meet)
      expect(reserve).toThrow(
        expect.objectContaining({ code: "PORT_IN_USE", message: expect.stringContaining("container x") }),
      );
    else expect(reserve()).toEqual([wanted]);
  });
  test("that are free are chosen around the end of the range, and once each", () => {
    const sockets = [{ protocol: "tcp" as const, port: 60999, address: "127.0.0.1", listening: false }];
    expect(reservePorts([port(0), port(0), port(49153)], { ...use, sockets }).map(({ hostPort }) => hostPort)).toEqual([
      49154, 49155, 49153,
    ]);
  });
  test("that a process listens on are in use, those of a connection are not", () => {
    const socket = { protocol: "tcp" as const, port: 80, address: "127.0.0.1" };
    expect(() => reservePorts([port(80)], { ...use, sockets: [{ ...socket, listening: true }] })).toThrow(
      expect.objectContaining({ code: "PORT_IN_USE" }),
    );
    expect(reservePorts([port(80)], { ...use, sockets: [{ ...socket, listening: false }] })).toEqual([port(80)]);
  });
});
