import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isRuntimeError } from "@voiyd/runtime-api";
import { chainName } from "./chain-name.js";
import { parseConfigList, parseSingleConfig, withSideLoadedPlugins } from "./config-list.js";
import { convertResult } from "./convert-result.js";
import { explain, pluginError } from "./failure.js";
import { isContainerId, isInterfaceName, isNetworkName, isPluginType } from "./identifiers.js";
import type { JsonObject } from "./json.js";
import { readAnswer, readComplaint } from "./plugin-answer.js";
import { encodeRequest, encodeVersionRequest } from "./request.js";
import { readResult } from "./result.js";
import { selectVersion } from "./select-version.js";
import { CNI_VERSIONS, compareVersions } from "./versions.js";

const list = (more: JsonObject): string =>
  JSON.stringify({ cniVersion: "1.0.0", name: "n", plugins: [{ type: "bridge" }], ...more });

describe("chain names", () => {
  test("are those that the plugins compute", () => {
    expect(chainName("CNI-", "bridge", "default-t3")).toBe("CNI-cbc75e8ef874aee403621f2c");
    expect(chainName("CNI-DN-", "bridge", "default-t3")).toBe("CNI-DN-cbc75e8ef874aee403621");
  });
});

describe("configuration lists", () => {
  test.each([
    [{}, ["1.0.0"]],
    [{ cniVersions: ["0.4.0", "1.1.0", "9.0.0"] }, ["0.4.0", "1.1.0", "1.0.0"]],
    [{ cniVersions: [] }, ["1.0.0"]],
    [{ cniVersion: "9.0.0", cniVersions: ["1.0.0"] }, ["1.0.0"]],
    [{ cniVersion: "" }, ["0.1.0"]],
  ])("%j allows the versions %j", (more, versions) => {
    expect(parseConfigList(list(more), "f").versions).toEqual(versions);
  });

  test.each([
    [{ disableCheck: "TRUE" }, true],
    [{ disableCheck: "false" }, false],
    [{ disableCheck: true }, true],
  ])("%j is a boolean", (more, value) => {
    expect(parseConfigList(list(more), "f").disableCheck).toBe(value);
  });

  test.each([
    ["no json", "not JSON"],
    ["[]", "object"],
    [list({ name: "" }), "name"],
    [list({ name: "a/b" }), "name"],
    [list({ plugins: [] }), "plugin"],
    [list({ plugins: [{}] }), "type"],
    [list({ plugins: [{ type: "../evil" }] }), "type"],
    [list({ plugins: [{ type: "bridge", ipam: { type: "a/b" } }] }), "IPAM"],
    [list({ cniVersions: ["x"] }), "version"],
    [list({ cniVersion: "9.0.0" }), "newest"],
    [list({ disableGC: 1 }), "disableGC"],
  ])("%s is refused", (text, part) => {
    try {
      parseConfigList(text, "f.conflist");
      throw new Error("was accepted");
    } catch (error) {
      if (!isRuntimeError(error, "NETWORK_CONFIG_INVALID")) throw error;
      expect(error.message).toContain("f.conflist");
      expect(error.message.toLowerCase()).toContain(part.toLowerCase());
    }
  });

  test("a single configuration becomes a list of one", () => {
    const single = parseSingleConfig(
      JSON.stringify({ cniVersion: "0.4.0", name: "one", type: "macvlan", ipam: { type: "dhcp" } }),
      "f",
    );
    expect([single.name, single.versions, single.plugins[0]?.type, single.plugins[0]?.ipamType]).toEqual([
      "one",
      ["0.4.0"],
      "macvlan",
      "dhcp",
    ]);
  });

  test("plugins from files beside the list are in the text that is recorded", () => {
    const whole = withSideLoadedPlugins(parseConfigList(list({}), "f"), [JSON.stringify({ type: "tuning" })], "f");
    expect(parseConfigList(whole.text, "f").plugins.map(({ type }) => type)).toEqual(["bridge", "tuning"]);
  });

  test("any text is either a list or refused with a typed error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            return parseConfigList(text, "fuzz").versions.length > 0;
          } catch (error) {
            return isRuntimeError(error, "NETWORK_CONFIG_INVALID");
          }
        },
      ),
    );
  });
});

describe("requests", () => {
  const parsed = parseConfigList(
    list({
      name: "bridge",
      plugins: [{ type: "portmap", capabilities: { portMappings: true, mac: "yes" }, "cni.dev/x": 1 }],
    }),
    "f",
  );
  const [plugin] = parsed.plugins;
  if (plugin === undefined) throw new Error("no plugin");
  const base = {
    list: parsed,
    plugin,
    version: "1.0.0",
    binDirs: ["/opt/cni/bin", "/usr/lib/cni"],
    attachment: { containerId: "default-web", ifName: "eth0" },
    namespacePath: "/run/netns/v-web",
    args: [["IgnoreUnknown", "1"]] as const,
    capabilityArgs: {
      portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
      mac: "00:00:00:00:00:00",
    },
  };

  test("ADD", () => {
    expect(encodeRequest({ ...base, command: "ADD", prevResult: { cniVersion: "1.0.0", ips: [] } })).toEqual({
      env: {
        CNI_COMMAND: "ADD",
        CNI_CONTAINERID: "default-web",
        CNI_NETNS: "/run/netns/v-web",
        CNI_IFNAME: "eth0",
        CNI_ARGS: "IgnoreUnknown=1",
        CNI_PATH: "/opt/cni/bin:/usr/lib/cni",
      },
      stdin:
        '{"type":"portmap","name":"bridge","cniVersion":"1.0.0","prevResult":{"cniVersion":"1.0.0","ips":[]},' +
        '"runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}}',
    });
  });

  test("DEL of before 0.4.0 has no earlier result", () => {
    const prevResult = { cniVersion: "0.3.1" };
    expect(encodeRequest({ ...base, command: "DEL", version: "0.3.1", prevResult }).stdin).not.toContain("prevResult");
    expect(encodeRequest({ ...base, command: "DEL", version: "0.4.0", prevResult }).stdin).toContain("prevResult");
  });

  test("GC says what is valid, an empty list too, and no capability", () => {
    const gc = encodeRequest({
      list: parsed,
      plugin,
      version: "1.1.0",
      binDirs: [],
      command: "GC",
      validAttachments: [base.attachment],
      capabilityArgs: base.capabilityArgs,
    });
    expect(JSON.parse(gc.stdin)).toEqual({
      type: "portmap",
      name: "bridge",
      cniVersion: "1.1.0",
      "cni.dev/valid-attachments": [{ containerID: "default-web", ifname: "eth0" }],
    });
    expect(
      encodeRequest({ list: parsed, plugin, version: "1.1.0", binDirs: [], command: "GC", validAttachments: [] }).stdin,
    ).toContain('"cni.dev/valid-attachments":[]');
  });

  test("VERSION sets every variable", () => {
    expect(Object.keys(encodeVersionRequest("1.1.0").env)).toHaveLength(6);
  });
});

describe("version selection", () => {
  const bridge = { type: "bridge", versions: ["0.4.0", "1.0.0"] };
  test("takes the newest that all speak, whatever the order", () => {
    expect(selectVersion({ name: "n", versions: ["1.1.0", "1.0.0", "0.4.0"] }, [bridge])).toBe("1.0.0");
    expect(
      selectVersion({ name: "n", versions: ["1.0.0", "0.4.0"] }, [bridge, { type: "ipam", versions: ["0.4.0"] }]),
    ).toBe("0.4.0");
  });
  test("shows who speaks what when there is none", () => {
    expect(() => selectVersion({ name: "n", versions: ["1.1.0"] }, [bridge])).toThrow(
      expect.objectContaining({ code: "NETWORK_CONFIG_INVALID", hint: expect.stringContaining("bridge: 0.4.0 1.0.0") }),
    );
  });
  test("versions compare by their numbers", () => {
    expect(["0.10.0", "0.9.1", "1", "1.0.0"].toSorted(compareVersions)).toEqual(["0.9.1", "0.10.0", "1", "1.0.0"]);
  });
});

describe("results", () => {
  const modern: JsonObject = {
    cniVersion: "1.1.0",
    interfaces: [{ name: "eth0", mac: "m", mtu: 1500, sandbox: "/ns", socketPath: "/s", pciID: "p" }],
    ips: [{ address: "10.0.0.2/24", gateway: "10.0.0.1", interface: 0 }, { address: "fd00::2/64" }],
    routes: [{ dst: "0.0.0.0/0", gw: "10.0.0.1", mtu: 1400 }, { dst: "::/0" }],
    dns: { nameservers: ["1.1.1.1"] },
  };

  test.each(["0.3.0", "0.3.1", "0.4.0"])("%s has versions of addresses, and no facts of 1.1.0", (version) => {
    expect(convertResult(modern, version)).toEqual({
      cniVersion: version,
      interfaces: [{ name: "eth0", mac: "m", sandbox: "/ns" }],
      ips: [
        { version: "4", address: "10.0.0.2/24", gateway: "10.0.0.1", interface: 0 },
        { version: "6", address: "fd00::2/64" },
      ],
      routes: [{ dst: "0.0.0.0/0", gw: "10.0.0.1" }, { dst: "::/0" }],
      dns: { nameservers: ["1.1.1.1"] },
    });
  });

  test.each(["0.1.0", "0.2.0"])("%s has one address a family, with its routes", (version) => {
    expect(convertResult(modern, version)).toEqual({
      cniVersion: version,
      ip4: { ip: "10.0.0.2/24", gateway: "10.0.0.1", routes: [{ dst: "0.0.0.0/0", gw: "10.0.0.1" }] },
      ip6: { ip: "fd00::2/64", routes: [{ dst: "::/0" }] },
      dns: { nameservers: ["1.1.1.1"] },
    });
  });

  test("1.0.0 and 1.1.0 differ by their label alone", () => {
    expect(convertResult(modern, "1.0.0")).toEqual({ ...modern, cniVersion: "1.0.0" });
  });

  test("addresses survive the way through every version", () => {
    for (const from of CNI_VERSIONS) {
      for (const to of CNI_VERSIONS) {
        const there = convertResult(convertResult(modern, from), to);
        expect(readResult(there, "").ips.map(({ address }) => address)).toEqual(["10.0.0.2/24", "fd00::2/64"]);
      }
    }
  });

  test("a result without a version has the configuration's", () => {
    expect(readResult({ ip4: { ip: "10.0.0.2/24" } }, "").ips).toEqual([{ address: "10.0.0.2/24" }]);
    expect(readResult({ cniVersion: "", ips: [{ address: "10.0.0.2/24", interface: 0 }] }, "1.0.0").ips).toEqual([
      { address: "10.0.0.2/24", interface: 0 },
    ]);
  });

  test("what nobody knows, and what has no address for an old version, is refused", () => {
    expect(() => convertResult({ cniVersion: "7.0.0" }, "1.0.0")).toThrow(SyntaxError);
    expect(() => convertResult({ cniVersion: "1.0.0" }, "0.2.0")).toThrow(SyntaxError);
  });

  test("any object is either read or refused", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...CNI_VERSIONS), (text, version) => {
        const answer = readAnswer(text);
        if (answer === undefined) return true;
        try {
          return Array.isArray(readResult({ ...answer, cniVersion: version }, version).ips);
        } catch (error) {
          return error instanceof SyntaxError;
        }
      }),
    );
  });
});

describe("answers", () => {
  test.each([
    ['{"code":11,"msg":"later","details":"d"}', "", { code: 11, message: "later", details: "d" }],
    ["", "panic: oops", { code: 0, message: "panic: oops" }],
    ["garbage", "log", { code: 0, message: "garbage" }],
    ["", "", { code: 0, message: "no message (exit code 1)" }],
  ])("stdout %j and stderr %j complain as %j", (stdout, stderr, complaint) => {
    expect(readComplaint({ stdout, stderr }, "exit code 1")).toEqual(complaint);
  });

  test("null is an empty result", () => {
    expect([readAnswer("null"), readAnswer("nonsense"), readAnswer("[]")]).toEqual([{}, undefined, undefined]);
  });

  test.each([
    [999, "no IP addresses available in range set: 10.0.0.1-10.0.0.254", "addresses-exhausted", false],
    [999, "10.1.1.1 has been allocated to c, duplicate allocation is not allowed", "stale-attachment", true],
    [999, "requested IP address 10.0.0.9 is not available in range set", "address-unavailable", false],
    [999, "container veth name provided (eth0) already exists", "stale-interface", true],
    [999, 'container veth name ("eth0") peer provided ("veth46c019cb") already exists', "stale-interface", true],
    [999, 'failed to open netns "/x": unknown FS magic on "/x": 1021994', "namespace-invalid", false],
    [
      999,
      "running [/usr/sbin/iptables -t filter -N CNI-FORWARD --wait]: exit status 4: CHAIN_USER_ADD failed (File exists)",
      "firewall-race",
      true,
    ],
    [999, 'exec: "iptables": executable file not found in $PATH', "tool-missing", false],
    [999, "table `nat' is incompatible, use 'nft' tool.", "firewall-backend", false],
    [
      999,
      "running [iptables -t nat -A POSTROUTING --wait]: exit status 4: CHAIN_ADD failed (Operation not supported): chain POSTROUTING",
      "firewall-backend",
      false,
    ],
    [999, '"voiyd0" already has an IP address different from 10.1.0.1/16', "bridge-conflict", false],
    [999, "error dialing DHCP daemon: no such file", "plugin-unavailable", true],
    [11, "whatever", "try-again", true],
    [50, "whatever", "plugin-unavailable", false],
    [51, "whatever", "plugin-unavailable", false],
    [8, "whatever", "namespace-invalid", false],
    [1, "whatever", "version-incompatible", false],
    [999, "failed to allocate all requested IPs: [10.0.0.9]", "address-unavailable", false],
    [999, "requested ip 10.0.0.1 is subnet's gateway", "address-unavailable", false],
    [999, 'failed to open netns "/x": failed to Statfs "/x": no such file or directory', "namespace-invalid", false],
    [999, "running [/usr/sbin/iptables -t nat -N CNI-x --wait]: exit status 4: iptables: busy", "firewall-race", true],
    [999, "iptables: Resource temporarily unavailable", "firewall-race", true],
    [999, "something else", "unknown", false],
  ])("code %i, %j is %s", (code, message, reason, retryable) => {
    expect(explain({ code, message })).toMatchObject({ reason, retryable });
    const error = pluginError({
      command: "ADD",
      plugin: "p",
      network: "n",
      containerId: "c",
      complaint: { code, message },
      exitCode: 1,
      stderr: "tail",
    });
    expect(error.details).toMatchObject({
      plugin: "p",
      network: "n",
      containerId: "c",
      cniCode: code,
      stderr: "tail",
      reason,
      retryable,
    });
  });
});

describe("identifiers", () => {
  test.each(["a", "A1", "default-t3", "a_b.c-d", "0"])("%j is one", (text) => {
    expect([isContainerId(text), isNetworkName(text)]).toEqual([true, true]);
  });
  test.each(["", "-a", ".a", "_a", "a/b", "a b", "ä", "a\n", "a".repeat(255)])("%j is none", (text) => {
    expect([isContainerId(text), isNetworkName(text)]).toEqual([false, false]);
  });
  test.each([
    ["eth0", true],
    ["a".repeat(15), true],
    ["a".repeat(16), false],
    ["ééééééé", true],
    ["éééééééé", false],
    [".", false],
    ["..", false],
    ["a/b", false],
    ["a:b", false],
    ["a b", false],
    ["", false],
  ])("interface %j: %s", (text, valid) => {
    expect(isInterfaceName(text)).toBe(valid);
  });
  test.each([
    ["bridge", true],
    ["host-local", true],
    ["", false],
    ["../x", false],
    ["..", false],
    ["a\\b", false],
  ])("plugin type %j: %s", (text, valid) => {
    expect(isPluginType(text)).toBe(valid);
  });
});
