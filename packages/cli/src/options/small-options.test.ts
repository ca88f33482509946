import { describe, expect, test } from "@jest/globals";
import type { ExtraHost, TmpfsMount, Ulimit } from "@voiyd/runtime-api";
import { parseIdMapping } from "./id-mapping.js";
import { parseKeyValue, parseKeyValues } from "./key-value.js";
import { parseExtraHost } from "./extra-host.js";
import { parseLabels } from "./label.js";
import { parseDecimal, parseInteger, parseMode, parseWhole } from "./number.js";
import { parseSecurityOptions, type SecurityOptions } from "./security.js";
import { parseTmpfs } from "./tmpfs.js";
import { parseUlimit } from "./ulimit.js";

const refusal: unknown = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("a tmpfs", () => {
  test.each<[string, Omit<TmpfsMount, "type">]>([
    ["/run", { destination: "/run" }],
    ["/run:size=64m,mode=1777", { destination: "/run", size: 67_108_864, mode: 0o1777 }],
    ["/run:ro", { destination: "/run", readOnly: true }],
    ["/run:rw,nosuid,nodev,noexec", { destination: "/run", suid: false, dev: false, exec: false }],
    ["/run:exec,suid,dev,uid=7,gid=8", { destination: "/run", exec: true, suid: true, dev: true, uid: 7, gid: 8 }],
  ])("%s is understood", (text, expected) => {
    expect(parseTmpfs(text)).toEqual({ type: "tmpfs", ...expected });
  });

  test.each(["/run:", "/run:foo", "/run:mode=9", "/run:mode", "/run:size=x", "/run:uid=x", "/run:constructor=1"])(
    "%s is refused",
    (text) => {
      expect(() => parseTmpfs(text)).toThrow(refusal);
    },
  );
});

describe("labels", () => {
  test("the last of the same key wins, a key alone has an empty value, and no key is special", () => {
    const labels = parseLabels(["a=1", "b", "a=2=3", "__proto__=x", "constructor=y"]);
    expect(Object.entries(labels)).toEqual([
      ["a", "2=3"],
      ["b", ""],
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  test.each(["", "=x"])("%j is refused", (text) => {
    expect(() => parseLabels([text])).toThrow(refusal);
  });
});

describe("a host's name and address", () => {
  test.each<[string, ExtraHost]>([
    ["db:10.0.0.9", { name: "db", address: "10.0.0.9" }],
    ["db=10.0.0.9", { name: "db", address: "10.0.0.9" }],
    ["db:::1", { name: "db", address: "::1" }],
    ["db:[::1]", { name: "db", address: "::1" }],
    ["db=2001:db8::1", { name: "db", address: "2001:db8::1" }],
    ["host.docker.internal:host-gateway", { name: "host.docker.internal", address: "host-gateway" }],
  ])("%s is understood", (text, expected) => {
    expect(parseExtraHost(text)).toEqual(expected);
  });

  test.each(["", "db", "db:", ":10.0.0.9", "=10.0.0.9"])("%j is refused", (text) => {
    expect(() => parseExtraHost(text)).toThrow(refusal);
  });
});

describe("keys and values", () => {
  test("are parted at the first equals sign", () => {
    expect(parseKeyValue("--sysctl", "net.a=b=c")).toEqual(["net.a", "b=c"]);
    expect(parseKeyValue("--sysctl", "net.a=")).toEqual(["net.a", ""]);
    expect(Object.entries(parseKeyValues("--sysctl", ["__proto__=1", "a=2", "a=3"]))).toEqual([
      ["__proto__", "1"],
      ["a", "3"],
    ]);
  });

  test.each(["", "a", "=b"])("%j is refused", (text) => {
    expect(() => parseKeyValue("--sysctl", text)).toThrow(refusal);
  });
});

describe("numbers", () => {
  test("are understood", () => {
    expect(parseDecimal("--cpus", "1.5")).toBe(1.5);
    expect(parseDecimal("--cpus", ".5")).toBe(0.5);
    expect(parseDecimal("--cpus", "1.")).toBe(1);
    expect(parseInteger("--pids-limit", "-1")).toBe(-1);
    expect(parseWhole("uid", "7")).toBe(7);
    expect(parseMode("--umask", "0077")).toBe(0o77);
  });

  test.each(["", "x", "1e3", "0x1", "-1", ".", " 1"])("%j is no decimal", (text) => {
    expect(() => parseDecimal("--cpus", text)).toThrow(refusal);
  });

  test.each(["", "1.5", "--1", "9".repeat(16)])("%j is no integer", (text) => {
    expect(() => parseInteger("--pids-limit", text)).toThrow(refusal);
    expect(() => parseWhole("uid", text)).toThrow(refusal);
  });

  test.each(["", "8", "0o7", "777777"])("%j are no permission bits", (text) => {
    expect(() => parseMode("--umask", text)).toThrow(refusal);
  });
});

describe("a limit of a process", () => {
  test.each<[string, Ulimit]>([
    ["nofile=1:2", { name: "nofile", soft: 1, hard: 2 }],
    ["nofile=7", { name: "nofile", soft: 7, hard: 7 }],
    ["core=-1", { name: "core", soft: -1, hard: -1 }],
    ["core=1:-1", { name: "core", soft: 1, hard: -1 }],
  ])("%s is understood", (text, expected) => {
    expect(parseUlimit(text)).toEqual(expected);
  });

  test.each(["", "nofile", "nofile=", "nofile=a", "nofile=1:", "nofile=1:2:3", "nofile=-2"])(
    "%j is refused",
    (text) => {
      expect(() => parseUlimit(text)).toThrow(refusal);
    },
  );
});

describe("a mapping of ids", () => {
  test("is two ids and how many", () => {
    expect(parseIdMapping("--uidmap", "0:100000:65536")).toEqual({ containerId: 0, hostId: 100_000, size: 65_536 });
    expect(parseIdMapping("--uidmap", "0:7")).toEqual({ containerId: 0, hostId: 7, size: 1 });
  });

  test.each(["", "0", "0:", "a:1", "0:1:2:3"])("%j is refused", (text) => {
    expect(() => parseIdMapping("--uidmap", text)).toThrow(refusal);
  });
});

describe("security options", () => {
  test.each<[string[], SecurityOptions]>([
    [[], {}],
    [["no-new-privileges"], { noNewPrivileges: true }],
    [["no-new-privileges=true"], { noNewPrivileges: true }],
    [["no-new-privileges:1"], { noNewPrivileges: true }],
    [["no-new-privileges", "no-new-privileges=false"], { noNewPrivileges: false }],
    [["seccomp=unconfined"], { seccomp: "unconfined" }],
    [["seccomp:unconfined"], { seccomp: "unconfined" }],
    [["seccomp=builtin"], { seccomp: "default" }],
    [["seccomp=/a=b.json"], { seccomp: { file: "/a=b.json" } }],
    [["apparmor=mine"], { apparmor: "mine" }],
    [["label=disable"], { selinux: "disable" }],
    [["label=type:t", "label:level:s0:c1,c2"], { selinux: { type: "t", level: "s0:c1,c2" } }],
    [["systempaths=unconfined"], { maskedPaths: [], readonlyPaths: [] }],
    [["writable-cgroups=true"], { writableCgroups: true }],
  ])("%j", (texts, expected) => {
    expect(parseSecurityOptions(texts)).toEqual(expected);
  });

  test.each([
    ...["", "foo", "seccomp", "seccomp=", "label", "label=foo", "label=type:", "systempaths=some", "writable-cgroups"],
    ...["no-new-privileges=maybe", "constructor=x", "__proto__=x"],
  ])("%j is refused, not passed over", (text) => {
    expect(() => parseSecurityOptions([text])).toThrow(refusal);
  });
});
