import { describe, expect, test } from "@jest/globals";
import { RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../../testing/fake-container.js";
import { fakeNetwork, fakeNetworkInfo } from "../../testing/fake-network.js";
import { fakeRuntime } from "../../testing/fake-runtime.js";
import { FakeSurroundings } from "../../testing/fake-surroundings.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
const front = fakeNetworkInfo({
  name: "front",
  ranges: [{ subnet: "10.70.0.0/24" }, { subnet: "fd00::/64" }],
  containers: ["voiyd-a"],
});
const own = fakeNetworkInfo({ name: "voiyd", isDefault: true, isOwn: false });
const empty = fakeNetworkInfo({ name: "empty" });

function host(
  networks = [front, own, empty],
  overrides: Parameters<typeof fakeNetwork>[1] = {},
): [FakeSurroundings, unknown[][]] {
  const { network, calls } = fakeNetwork(networks, overrides);
  return [new FakeSurroundings(fakeRuntime([web]).runtime, network), calls];
}

describe("network create", () => {
  test.each<[string[], object]>([
    [["back"], { name: "back", labels: {}, internal: false }],
    [
      ["--subnet", "10.1.0.0/24", "--gateway", "10.1.0.9", "--internal", "-l", "a=b", "--ipv6=false", "back"],
      { name: "back", labels: { a: "b" }, internal: true, subnet: "10.1.0.0/24", gateway: "10.1.0.9", ipv6: false },
    ],
    [
      ["--ipv6", "--bridge", "br7", "--subnet", "fd01::/64", "back"],
      { name: "back", labels: {}, internal: false, ipv6: "fd01::/64", bridge: "br7" },
    ],
    [
      ["-d", "bridge", "-o", "com.docker.network.bridge.name=br8", "--attachable", "--scope=local", "--ipv4", "back"],
      { name: "back", labels: {}, internal: false, bridge: "br8" },
    ],
  ])("%j", async (args, request) => {
    const [around, calls] = host();
    expect(await around.main("network", "create", ...args)).toBe(0);
    expect(calls).toEqual([["create", request]]);
    expect(around.stdout.text).toBe("back\n");
  });

  test.each([
    [["-d", "overlay"], "--driver: networks are made as bridges"],
    [["-o", "com.docker.network.driver.mtu=1400"], "--opt: com.docker.network.driver.mtu is not followed"],
    [["--ip-range", "10.1.0.0/28"], "--ip-range: addresses come from the whole subnet"],
    [["--config-only"], "--config-only: a network is made whole"],
  ])("%j is refused with the reason", async (args, reason) => {
    const [around, calls] = host();
    expect(await around.main("network", "create", ...args, "back")).toBe(1);
    expect(around.stderr.text).toContain(reason);
    expect(calls).toEqual([]);
  });

  test("takes one subnet of a family", async () => {
    const [around, calls] = host();
    expect(await around.main("network", "create", "--subnet", "10.1.0.0/24", "--subnet", "10.2.0.0/24", "x")).toBe(1);
    expect(around.stderr.text).toContain("one IPv4 and one IPv6 subnet");
    expect(calls).toEqual([]);
  });
});

describe("network ls", () => {
  test("shows what each is made of", async () => {
    const [around] = host();
    expect(await around.main("network", "ls")).toBe(0);
    expect(around.stdout.text.split("\n").map((line) => line.split(/ {3,}/))).toEqual([
      ["NAME", "SUBNETS", "PLUGINS", "CONTAINERS", "FILE"],
      ["empty", "bridge", "0", "/etc/cni/net.d/empty.conflist"],
      ["front", "10.70.0.0/24, fd00::/64", "bridge", "1", "/etc/cni/net.d/front.conflist"],
      ["voiyd (default)", "bridge", "0", "/etc/cni/net.d/voiyd.conflist"],
      [""],
    ]);
  });

  test("shows those that fit", async () => {
    const [around] = host();
    expect(await around.main("network", "ls", "-q", "-f", "type=custom", "-f", "dangling=1")).toBe(0);
    expect(around.stdout.text).toBe("empty\n");
  });

  test("gives names, and JSON, to programs", async () => {
    const [around] = host();
    await around.main("network", "ls", "-q");
    expect(around.stdout.text).toBe("empty\nfront\nvoiyd\n");
    const [again] = host([front]);
    await again.main("network", "ls", "--format", "json");
    expect(JSON.parse(again.stdout.text)).toEqual(front);
  });
});

test("network inspect shows who is on a network, and says which there is none", async () => {
  const attachment = {
    containerId: "voiyd-a",
    namespacePath: "/n",
    ports: [],
    interfaces: [
      { name: "eth0", network: "front", addresses: [] },
      { name: "eth1", network: "other", addresses: [] },
    ],
  };
  const [around] = host([front], { list: () => Promise.resolve([attachment]) });
  expect(await around.main("network", "inspect", "front", "nowhere")).toBe(1);
  expect(JSON.parse(around.stdout.text)).toEqual([
    { ...front, containers: [{ containerId: "voiyd-a", interfaces: [attachment.interfaces[0]] }] },
  ]);
  expect(around.stderr.text).toContain("nowhere");
});

test("network rm removes what it can", async () => {
  const [around, calls] = host();
  expect(await around.main("network", "rm", "front", "nowhere", "empty")).toBe(1);
  expect(calls).toEqual([
    ["remove", "front"],
    ["remove", "empty"],
  ]);
  expect(around.stdout.text).toBe("front\nempty\n");
});

test("network rm -f does not miss what is not there", async () => {
  const [around, calls] = host();
  expect(await around.main("network", "remove", "-f", "nowhere", "empty")).toBe(0);
  expect(calls).toEqual([["remove", "empty"]]);
  expect(around.stdout.text).toBe("nowhere\nempty\n");
});

describe("network prune", () => {
  test("keeps what does not fit", async () => {
    const kept = fakeNetworkInfo({ name: "kept", labels: { keep: "" } });
    const [around, calls] = host([kept, empty]);
    expect(await around.main("network", "prune", "--filter", "label!=keep")).toBe(0);
    expect(calls).toEqual([["remove", "empty"]]);
  });

  test("removes networks of ours that nobody is on", async () => {
    const [around, calls] = host();
    expect(await around.main("network", "prune", "-f")).toBe(0);
    expect(calls).toEqual([["remove", "empty"]]);
  });

  test("leaves alone what somebody came to meanwhile, and tells other failures", async () => {
    const code = (failure: "FAILED_PRECONDITION" | "NETWORK_TEARDOWN_FAILED"): Promise<number> =>
      host([empty], { removeNetwork: () => Promise.reject(new RuntimeError(failure, "no")) })[0].main(
        "network",
        "prune",
      );
    expect([await code("FAILED_PRECONDITION"), await code("NETWORK_TEARDOWN_FAILED")]).toEqual([0, 1]);
  });
});

describe("network connect and disconnect", () => {
  test("name the container as the network manager knows it", async () => {
    const [around, calls] = host();
    const options = ["--ip", "10.1.0.9", "--alias", "www", "--interface", "lan0", "--mac-address", "02:00:00:00:00:01"];
    expect(await around.main("-n", "other", "network", "connect", ...options, "front", "web")).toBe(0);
    expect(await around.main("network", "disconnect", "front", "web")).toBe(0);
    const { id } = web.status;
    expect(calls).toEqual([
      [
        "connect",
        `other-${id}`,
        { name: "front", ips: ["10.1.0.9"], aliases: ["www"], ifName: "lan0", mac: "02:00:00:00:00:01" },
      ],
      ["disconnect", `voiyd-${id}`, "front"],
    ]);
  });

  test("fail for a container that is not there", async () => {
    const [around, calls] = host();
    expect(await around.main("network", "connect", "front", "nobody")).toBe(1);
    expect(calls).toEqual([]);
  });
});

describe("network without one of its commands", () => {
  test.each([
    [["network"], "voiyd: network needs a command\nhint: network has the commands create, ls, "],
    [["network", "foo"], "voiyd: unknown command: network foo\nhint: network has the commands create, ls, "],
  ])("%j says which there are", async (argv, text) => {
    const [around] = host();
    expect(await around.main(...argv)).toBe(1);
    expect(around.stderr.text.startsWith(text)).toBe(true);
  });

  test("is explained", async () => {
    const [around] = host();
    expect(await around.main("help", "network", "connect")).toBe(0);
    expect(around.stdout.text).toContain("usage: voiyd network connect [OPTIONS] NETWORK CONTAINER");
  });
});
