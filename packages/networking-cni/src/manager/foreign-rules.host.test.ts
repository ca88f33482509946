import { describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: ports that others publish: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(120_000);

/** As netavark and Docker publish ports; and in a map, as kube-proxy does. */
const OTHERS = `
table inet netavark {
  map ports {
    type inet_service : ipv4_addr . inet_service
    elements = { 8084 : 10.1.2.3 . 80 }
  }
  chain nv_dnat {
    tcp dport 8082 dnat ip to 10.1.2.3:80
    dnat ip to tcp dport map @ports
  }
  chain PREROUTING {
    type nat hook prerouting priority dstnat
    fib daddr type local jump nv_dnat
  }
}
table ip docker-bridges {
  chain nat-prerouting {
    type nat hook prerouting priority dstnat
    tcp dport 8083 counter dnat to 10.1.2.3:80
  }
}
`;

function attach(containerId: string, hostPort: number): readonly [string, unknown] {
  return ["attach", { containerId, portMappings: [{ hostPort, containerPort: 80 }] }];
}

describeHost.each(["plugins", "lean"] as const)("ports that others publish by nftables alone, in mode %s", (mode) => {
  test("are in use, and nothing is made; what is free stays free for the container that has it", async () => {
    const host = new HostSandbox({}, mode);
    try {
      host.host("nft", OTHERS);
      const refused = await host.run([8082, 8083, 8084].map((port) => attach("voiyd-a", port)));
      expect(refused.map(({ error }) => [error?.code, error?.details["owner"]])).toEqual([
        ["PORT_IN_USE", "a firewall rule in chain nv_dnat of table inet netavark"],
        ["PORT_IN_USE", "a firewall rule in chain nat-prerouting of table ip docker-bridges"],
        ["PORT_IN_USE", "a firewall rule in chain nv_dnat of table inet netavark"],
      ]);
      expect(host.inventory().filter((line) => !/^(?:namespace|maker) |\/netns\//.test(line))).toEqual([]);
      const steps = [attach("voiyd-a", 8085), ["detach", "voiyd-a"], attach("voiyd-a", 8085)] as const;
      const answers = await host.run(steps);
      expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
      await host.run([["detach", "voiyd-a"]]);
      expect(host.inventory()).toEqual([]);
    } finally {
      host.remove();
    }
  });

  test("are told by the container's name when another manager has published them, whose records are elsewhere", async () => {
    const host = new HostSandbox({}, mode);
    try {
      const [published] = await host.run([attach("voiyd-a", 8085)]);
      expect(published?.error).toBeUndefined();
      const [refused] = await host.run([attach("voiyd-b", 8085)], {
        confDir: host.path("other", "net.d"),
        cacheDir: host.path("other", "cache"),
        netnsDir: host.path("netns"),
        defaultNetwork: { mode, bridge: "vtest1", subnet: "10.98.0.0/24", ipamDataDir: host.path("other", "leases") },
      });
      expect([refused?.error?.code, refused?.error?.details["owner"]]).toEqual(["PORT_IN_USE", "container voiyd-a"]);
      await host.run([
        ["detach", "voiyd-a"],
        ["detach", "voiyd-b"],
      ]);
      expect(host.inventory()).toEqual([]);
    } finally {
      host.remove();
    }
  });
});
