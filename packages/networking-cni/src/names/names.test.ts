import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FakeWorld } from "../testing/doubles.js";
import { mergeHosts, renderHosts } from "./render-hosts.js";
import { hostResolvConf, parseResolvConf, renderResolvConf } from "./render-resolv-conf.js";
import { changeInPlace } from "./write-in-place.js";

const web = { addresses: ["10.0.0.2", "fd00::2"], names: ["web", "c1", "web"] };
const db = { addresses: ["10.0.0.3"], names: ["db", "db.net"] };

describe("a hosts file", () => {
  test("has localhost, the own addresses, and those of the peers", () => {
    expect(renderHosts([web], [db]).split("\n")).toEqual([
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::\tip6-localnet",
      "ff00::\tip6-mcastprefix",
      "ff02::1\tip6-allnodes",
      "ff02::2\tip6-allrouters",
      "# voiyd: names of the networks, kept up to date",
      "10.0.0.2\tweb c1",
      "fd00::2\tweb c1",
      "10.0.0.3\tdb db.net",
      "# voiyd: end",
      "",
    ]);
  });

  test("keeps what is not ours, wherever it stands", () => {
    const once = mergeHosts("127.0.0.1\tlocalhost\n1.2.3.4\textra\n", [web], [db]);
    const edited = `${once}5.6.7.8\tlater\n`;
    const lines = mergeHosts(edited, [web], []).split("\n");
    expect(lines.slice(0, 2)).toEqual(["127.0.0.1\tlocalhost", "1.2.3.4\textra"]);
    expect(lines.slice(-3)).toEqual(["# voiyd: end", "5.6.7.8\tlater", ""]);
    expect(lines).not.toContain("10.0.0.3\tdb db.net");
  });

  test("is the same when nothing has changed, whatever else stands in it", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const once = mergeHosts(lines.join("\n"), [web], [db]);
        expect(mergeHosts(once, [web], [db])).toBe(once);
        expect(mergeHosts(once, [], [])).not.toContain("10.0.0.3\tdb db.net");
      }),
    );
  });

  test("recovers from a part that was cut off", () => {
    const once = mergeHosts("1.1.1.1\tx\n", [web], []);
    const cut = once.replace("# voiyd: end\n", "");
    expect(mergeHosts(cut, [], [db]).match(/# voiyd/g)).toHaveLength(2);
  });
});

describe("a resolv.conf", () => {
  const HOST =
    "# by dhcp\nnameserver 192.168.1.1\nnameserver 127.0.0.1\nnameserver fe80::1%eth0\nnameserver fd00::53\ndomain old\nsearch home lan\noptions ndots:2 edns0 ; x\n";

  test.each([
    [
      "follows the host, without what only the host can reach",
      {},
      HOST,
      {},
      "nameserver 192.168.1.1\nnameserver fd00::53\nsearch home lan\noptions ndots:2 edns0\n",
    ],
    [
      "leaves out servers of a family that the container lacks",
      {},
      HOST,
      { ipv6: false },
      "nameserver 192.168.1.1\nsearch home lan\noptions ndots:2 edns0\n",
    ],
    [
      "takes what is set, and the host's for the rest",
      { nameservers: ["9.9.9.9"] },
      HOST,
      {},
      "nameserver 9.9.9.9\nsearch home lan\noptions ndots:2 edns0\n",
    ],
    [
      "takes a loopback server that is asked for",
      { nameservers: ["127.0.0.1"], search: ["."], options: ["rotate"] },
      HOST,
      {},
      "nameserver 127.0.0.1\noptions rotate\n",
    ],
    [
      "falls back to public servers",
      {},
      "nameserver 127.0.0.53\n",
      { ipv6: false },
      "nameserver 8.8.8.8\nnameserver 8.8.4.4\n",
    ],
    [
      "falls back to public servers of both families",
      {},
      "",
      {},
      "nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n",
    ],
  ])("%s", (_, dns, host, facts, expected) => {
    expect(renderResolvConf(dns, host, facts)).toBe(expected);
  });

  test.each([
    [
      "the servers behind systemd-resolved",
      "nameserver 127.0.0.53\noptions edns0\n",
      "nameserver 10.1.1.1\n",
      "nameserver 10.1.1.1\n",
    ],
    [
      "the file itself where it has others",
      "nameserver 127.0.0.53\nnameserver 10.2.2.2\n",
      "nameserver 10.1.1.1\n",
      "nameserver 127.0.0.53\nnameserver 10.2.2.2\n",
    ],
    ["the file itself where there is no other", "nameserver 127.0.0.53\n", "", "nameserver 127.0.0.53\n"],
    ["nothing where there is none", "", "nameserver 10.1.1.1\n", ""],
  ])("is made from %s", async (_, etc, uplink, expected) => {
    const read = (path: string): Promise<string> => Promise.resolve(path === "/etc/resolv.conf" ? etc : uplink);
    expect(await hostResolvConf(read)).toBe(expected);
  });

  test("is read from any text", () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseResolvConf(text).nameservers)));
  });
});

describe("writing in place", () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "voiyd-hosts-"));
    file = join(dir, "hosts");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test("keeps the inode, for longer and for shorter texts", async () => {
    writeFileSync(file, "first\n");
    linkSync(file, join(dir, "mounted"));
    const { ino } = statSync(file);
    for (const text of ["a much longer text than before\n", "short\n", ""]) {
      expect(await changeInPlace(file, () => text)).toBe(true);
      expect([statSync(file).ino, readFileSync(join(dir, "mounted"), "utf8")]).toEqual([ino, text]);
    }
  });

  test("makes a file only where it is to be made, and follows no link", async () => {
    expect(await changeInPlace(file, () => "x")).toBe(false);
    expect(await changeInPlace(file, () => "x", { create: true })).toBe(true);
    writeFileSync(join(dir, "target"), "mine");
    symlinkSync(join(dir, "target"), join(dir, "link"));
    await expect(changeInPlace(join(dir, "link"), () => "x")).rejects.toMatchObject({ code: "ELOOP" });
    expect(readFileSync(join(dir, "target"), "utf8")).toBe("mine");
  });

  test("does not read a file that was blown up from inside", async () => {
    writeFileSync(file, "x".repeat(1024 * 1024 + 1));
    await changeInPlace(file, (text) => `seen ${String(text.length)}`);
    expect(readFileSync(file, "utf8")).toBe("seen 0");
  });
});

describe("the hosts files of containers", () => {
  let world: FakeWorld;
  beforeEach(() => {
    world = new FakeWorld();
    for (const name of ["net", "other"]) world.writeList(name, [{ type: "one", capabilities: { aliases: true } }]);
    let next = 2;
    world.executor.behaviour = ({ command, env }) => {
      if (command !== "ADD") return undefined;
      const address = `10.0.0.${String(next++)}/24`;
      const interfaces = [{ name: env["CNI_IFNAME"] ?? "", sandbox: env["CNI_NETNS"] ?? "" }];
      const ips = [{ address, gateway: "10.0.0.1", interface: 0 }];
      return { stdout: JSON.stringify({ cniVersion: "1.0.0", interfaces, ips }) };
    };
  });
  afterEach(() => rmSync(world.dir, { recursive: true, force: true }));

  test("say how the container reaches its host, and are written for the same attach again", async () => {
    const request = {
      containerId: "a",
      networks: ["net"],
      names: ["a"],
      gatewayNames: ["host.test", "up"],
      hostsFile: hosts("a"),
    };
    await world.manager.attach(request);
    const whole = ["10.0.0.1\thost.test up", "10.0.0.2\ta a.net"];
    expect(ours("a")).toEqual(whole);
    writeFileSync(hosts("a"), "127.0.0.1\tlocalhost\n");
    await world.manager.attach(request);
    expect(ours("a")).toEqual(whole);
  });

  const hosts = (id: string): string => join(world.dir, `hosts-${id}`);
  const ours = (id: string): readonly string[] => {
    const lines = readFileSync(hosts(id), "utf8").split("\n");
    return lines.slice(lines.findIndex((line) => line.startsWith("# voiyd")) + 1, lines.indexOf("# voiyd: end"));
  };
  const attach = async (
    id: string,
    networks: readonly (string | { name: string; aliases: readonly string[] })[],
  ): Promise<void> => {
    await world.manager.attach({ containerId: id, networks, names: [id, `${id}-host`], hostsFile: hosts(id) });
  };

  test("know each other on a network, by name, host name, alias and network, until one goes", async () => {
    await attach("a", [{ name: "net", aliases: ["store"] }]);
    const { ino } = statSync(hosts("a"));
    await attach("b", ["net"]);
    const a = "10.0.0.2\ta a-host store a.net a-host.net store.net";
    const b = "10.0.0.3\tb b-host b.net b-host.net";
    expect([ours("a"), ours("b")]).toEqual([
      [a, b],
      [b, a],
    ]);
    await world.manager.detach("b");
    expect([ours("a"), statSync(hosts("a")).ino]).toEqual([[a], ino]);
  });

  test("do not know those of other networks", async () => {
    await attach("a", ["net"]);
    await attach("b", ["other"]);
    expect([ours("a"), ours("b")]).toEqual([
      ["10.0.0.2\ta a-host a.net a-host.net"],
      ["10.0.0.3\tb b-host b.other b-host.other"],
    ]);
  });

  test("know only themselves on the default network", async () => {
    world.writeList("voiyd", [{ type: "one" }]);
    await attach("a", ["default"]);
    await attach("b", ["default"]);
    expect([ours("a"), ours("b")]).toEqual([["10.0.0.2\ta a-host"], ["10.0.0.3\tb b-host"]]);
  });

  test("follow connect and disconnect", async () => {
    await attach("a", ["net"]);
    await attach("b", ["other"]);
    await world.manager.connect("b", { name: "net", aliases: ["peer"] });
    expect(ours("a")).toContain("10.0.0.4\tb b-host peer b.net b-host.net peer.net");
    expect(ours("b")).toContain("10.0.0.2\ta a-host a.net a-host.net");
    await world.manager.disconnect("b", "net");
    expect(ours("a")).toEqual(["10.0.0.2\ta a-host a.net a-host.net"]);
    expect(ours("b")).toEqual(["10.0.0.3\tb b-host b.other b-host.other"]);
  });

  test("are written again after a crash, by recover", async () => {
    await attach("a", ["net"]);
    await attach("b", ["net"]);
    const whole = ours("a");
    writeFileSync(hosts("a"), "127.0.0.1\tlocalhost\n");
    await world.manager.recover();
    expect(ours("a")).toEqual(whole);
  });

  test("that are gone keep nobody from anything, and one that cannot be written undoes the attach", async () => {
    await attach("a", ["net"]);
    rmSync(hosts("a"));
    await attach("b", ["net"]);
    await expect(
      world.manager.attach({
        containerId: "c",
        networks: ["net"],
        names: ["c"],
        hostsFile: join(world.dir, "no", "hosts"),
      }),
    ).rejects.toMatchObject({ code: "NETWORK_SETUP_FAILED", details: { containerId: "c" } });
    expect((await world.manager.list()).map(({ containerId }) => containerId).toSorted()).toEqual(["a", "b"]);
    expect(ours("b").join("\n")).not.toContain("\tc");
  });

  test.each([["a b"], ["a\nb"], ["-a"], [""], ["a".repeat(254)], ["a#"]])("do not take %j for a name", async (name) => {
    await expect(world.manager.attach({ containerId: "c", networks: ["net"], names: [name] })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
