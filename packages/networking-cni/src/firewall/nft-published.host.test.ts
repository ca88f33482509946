import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { silentLogger } from "@voiyd/logger";
import { Nft } from "../lean/nft.js";
import { runProcess, type ProcessRequest, type RunProcess } from "../plugin/run-process.js";
import { parsePort } from "../ports/parse-port.js";
import { validatePorts } from "../ports/validate-ports.js";
import { HostSandbox, hostTestObstacle } from "../testing/host-sandbox.js";
import { findPublished, type FindPublished } from "./find-published.js";
import { IptablesFirewall } from "./firewall.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: what nft publishes: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(120_000);

/** As netavark writes its rules: a jump by port into the network's chain, where the port stands once more. */
const NETAVARK = `
table inet netavark {
  chain NETAVARK-HOSTPORT-DNAT {
    tcp dport 8091 jump nv_abc_dnat
    ip daddr 192.0.2.7 udp dport 8092-8094 jump nv_abc_dnat
  }
  chain PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump NETAVARK-HOSTPORT-DNAT
  }
  chain nv_abc_dnat {
    ip saddr 10.88.0.0/16 tcp dport 8091 jump other
    tcp dport 8091 dnat ip to 10.88.0.2:80
    ip daddr 192.0.2.7 udp dport 8092-8094 dnat ip to 10.88.0.2:92-94
    ip6 daddr ::1 tcp dport 8095 dnat ip6 to [fd00::2]:80
  }
  chain other {
  }
}`;

/** As Docker writes its rules: the port at the rule itself. */
const DOCKER = `
table ip docker-bridges {
  chain nat-prerouting-and-output {
    ip daddr 127.0.0.1 tcp dport 8104 counter dnat to 172.17.0.2:80 comment "DNAT"
    tcp dport 8105 counter dnat to 172.17.0.2:81 comment "DNAT"
  }
  chain nat-prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump nat-prerouting-and-output
  }
}`;

/** By hand: sets, ranges and maps, with and without names. */
const BY_HAND = `
table inet by-hand {
  map ports { type inet_service : ipv4_addr . inet_service; elements = { 8201 : 10.0.0.2 . 80 }; }
  map everything { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; flags interval;
    elements = { tcp . 0.0.0.0/0 . 8202 : 10.0.0.2 . 80, udp . 127.0.0.1 . 8203-8204 : 10.0.0.2 . 81 }; }
  set some { type inet_service; flags interval; elements = { 8205-8206, 8208 }; }
  map ways { type inet_service : verdict; elements = { 8209 : jump open, 22 : accept }; }
  chain nat {
    type nat hook prerouting priority dstnat; policy accept;
    dnat ip to tcp dport map @ports
    meta l4proto { tcp, udp } dnat ip to meta l4proto . ip daddr . th dport map @everything
    tcp dport @some redirect to :99
    tcp dport vmap @ways
  }
  chain open {
    ip protocol tcp dnat ip to 10.0.0.5:80
  }
}
table ip by-hand-too {
  chain nat {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport { 8211, 8213-8214 } counter dnat to 10.0.0.3
    tcp dport vmap { 8215 : jump open, 8216-8217 : jump open, 23 : accept }
    meta l4proto { tcp, udp } th dport 8218 dnat to 10.0.0.3
    dnat to tcp dport map { 8219 : 10.0.0.3, 8220 : 10.0.0.4 }:80
    ip daddr { 192.0.2.7, 192.0.2.128/25, 198.51.100.0/24 } tcp dport { 8221, 8222 } dnat to 10.0.0.3
    ip daddr 198.51.100.9 tcp dport 8223 dnat to 10.0.0.3
    ip daddr . tcp dport { 192.0.2.7 . 8224, 198.51.100.9 . 8225 } dnat to 10.0.0.3
  }
  chain open {
    dnat to 10.0.0.5
  }
}`;

/** What publishes nothing: other chains, other fields, everything. */
const NOTHING = `
table inet filter {
  set blocked { type ipv4_addr; elements = { 198.51.100.1 }; }
  chain input {
    type filter hook input priority filter; policy accept;
    ip saddr @blocked drop
    tcp dport { 22, 80 } accept
    tcp dport != 8150 accept
  }
  chain nat {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "tun0" dnat ip to 10.0.0.9
    tcp sport 8151 dnat ip to 10.0.0.9
    icmp type echo-request dnat ip to 10.0.0.9
    tcp dport 1-65535 dnat ip to 10.0.0.9
  }
}`;

describeHost("what rules of nftables publish", () => {
  let host: HostSandbox;
  let asked: string[];
  let find: FindPublished;
  beforeEach(() => {
    host = new HostSandbox();
    asked = [];
    const run: RunProcess = (request: ProcessRequest) => {
      asked.push([request.file, ...(request.args ?? [])].join(" "));
      const args = [`--net=/run/netns/${host.name}`, request.file, ...(request.args ?? [])];
      return runProcess({ ...request, file: "nsenter", args });
    };
    find = findPublished({
      nft: new Nft(run),
      firewall: new IptablesFirewall(run),
      legacyNat: () => Promise.resolve([]),
      addresses: () => ["127.0.0.1", "::1", "192.0.2.7"],
      logger: silentLogger,
    });
  });
  afterEach(() => host.remove());

  function load(rules: string): void {
    const file = host.path("rules.nft");
    writeFileSync(file, rules);
    host.host("nft", "-f", file);
  }
  /** As `<protocol> <host address> <port>`, in order. */
  async function published(wanted = "0:80", ownTables: readonly string[] = []): Promise<readonly string[]> {
    const look = { wanted: validatePorts(parsePort(wanted)), ownTables: () => Promise.resolve(ownTables) };
    const found = await find(look, new AbortController().signal);
    return found.map(({ port }) => `${port.protocol} ${port.hostIp} ${String(port.hostPort)}`).toSorted();
  }

  test("netavark's and Docker's ports are found by one run of nft alone", async () => {
    load(NETAVARK + DOCKER);
    expect(await published()).toEqual([
      "tcp 0.0.0.0 8091",
      "tcp 0.0.0.0 8105",
      "tcp 127.0.0.1 8104",
      "tcp ::1 8095",
      "udp 192.0.2.7 8092",
      "udp 192.0.2.7 8093",
      "udp 192.0.2.7 8094",
    ]);
    expect(asked).toEqual(["nft -j -t list ruleset"]);
  });

  test("maps, sets, ranges and jumps are understood, and addresses of other hosts do not count", async () => {
    load(BY_HAND);
    const expected = [
      ...[8201, 8202, 8205, 8206, 8208, 8209].map((port) => `tcp 0.0.0.0 ${String(port)}`),
      ...[8211, 8213, 8214, 8215, 8216, 8217, 8218, 8219, 8220].map((port) => `tcp 0.0.0.0 ${String(port)}`),
      ...[8221, 8222, 8224].map((port) => `tcp 192.0.2.7 ${String(port)}`),
      "udp 0.0.0.0 8218",
      "udp 127.0.0.1 8203",
      "udp 127.0.0.1 8204",
    ];
    expect(await published()).toEqual(expected.toSorted());
    expect(await published("198.51.100.9:8225:80")).toEqual(
      [...expected, ...[8221, 8222, 8223, 8225].map((port) => `tcp 198.51.100.9 ${String(port)}`)].toSorted(),
    );
    // What has a name is asked for once it is known to be needed, and from then on at once.
    expect(asked).toEqual(["nft -j -t list ruleset", "nft -j list ruleset", "nft -j list ruleset"]);
  });

  test("what publishes nothing is not taken for a published port", async () => {
    load(NOTHING);
    expect(await published()).toEqual([]);
    expect(asked).toEqual(["nft -j -t list ruleset"]);
  });

  test("a table that somebody else answers for is not looked at", async () => {
    load(BY_HAND);
    expect((await published("0:80", ["by-hand"])).filter((line) => line.includes(" 820"))).toEqual([]);
    expect(asked).toEqual(["nft -j -t list ruleset"]);
  });

  test("iptables is asked where a port may be one of its rules', and tells whose it is", async () => {
    host.host("iptables", "-t", "nat", "-N", "CNI-DN-1");
    const comment = ["-m", "comment", "--comment", 'dnat name: "net" id: "voiyd-x"'];
    const jump = ["-p", "tcp", "-m", "multiport", "--dports", "8301", ...comment, "-j", "CNI-DN-1"];
    host.host("iptables", "-t", "nat", "-A", "PREROUTING", ...jump);
    const to = ["--to-destination", "10.0.0.2:80"];
    host.host("iptables", "-t", "nat", "-A", "CNI-DN-1", "-p", "tcp", "--dport", "8301", "-j", "DNAT", ...to);
    expect(await published("8300:80")).toEqual(["tcp 0.0.0.0 8301"]);
    expect(asked.splice(0)).toEqual(["nft -j -t list ruleset"]);
    const look = { wanted: validatePorts(parsePort("8300-8301:80")), ownTables: () => Promise.resolve([]) };
    expect((await find(look, new AbortController().signal)).map(({ owner }) => owner)).toEqual(["container voiyd-x"]);
    expect(asked.splice(0)).toEqual(["nft -j -t list ruleset", "iptables-save -t nat"]);
    // nft does not show the ports of this one at all.
    const several = ["-p", "tcp", "-m", "multiport", "--dports", "8302,8304:8305"];
    const six = ["-j", "DNAT", "--to-destination", "[fd00::2]:80"];
    host.host("ip6tables", "-t", "nat", "-A", "PREROUTING", ...several, ...six);
    expect(await published("8300:80")).toEqual(["8301", "8302", "8304", "8305"].map((port) => `tcp 0.0.0.0 ${port}`));
    expect(asked).toEqual(["nft -j -t list ruleset", "ip6tables-save -t nat"]);
  });
});
