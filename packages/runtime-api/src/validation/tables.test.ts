import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "../runtime-error.js";
import { CAPABILITY_NAMES, parseCapability } from "./capabilities.js";
import { assertEnvironment } from "./environment.js";
import { assertLabels, isReservedLabel, LABEL_MAX_BYTES } from "./labels.js";
import { assertMounts } from "./mounts.js";
import { assertContainerName, isContainerName, NAME_MAX_LEN } from "./name.js";
import { assertPortMappings } from "./ports.js";
import { parseSignal } from "./signal.js";
import { MAX_UID, parseUser } from "./user.js";

function codeOf(check: () => unknown): string {
  try {
    check();
    return "valid";
  } catch (error) {
    return isRuntimeError(error) ? error.code : String(error);
  }
}

describe("a name", () => {
  test.each(["a", "0", "web-1", "a.b_c-D", "a-", "a..b", "n".repeat(NAME_MAX_LEN)])("may be %s", (name) => {
    expect(isContainerName(name)).toBe(true);
    expect(codeOf(() => assertContainerName(name))).toBe("valid");
  });

  test.each([
    "",
    ".",
    "..",
    ".a",
    "-a",
    "_a",
    "a/b",
    "a\\b",
    "a b",
    "a\n",
    "a\0b",
    "é",
    "n".repeat(NAME_MAX_LEN + 1),
    1,
    null,
    undefined,
    {},
    ["a"],
  ])("may not be %j", (name) => {
    expect(isContainerName(name)).toBe(false);
    expect(codeOf(() => assertContainerName(name))).toBe("INVALID_ARGUMENT");
  });
});

describe("labels", () => {
  test("may have any key and value, those of prototypes too", () => {
    const labels = Object.fromEntries([
      ["__proto__", "x"],
      ["constructor", ""],
      ["a b", "\n"],
      ["ключ", "✓"],
      ["voiyd", "x"],
      ["nerdctl", "x"],
    ]);
    expect(codeOf(() => assertLabels(labels))).toBe("valid");
  });

  test("are limited in bytes, key and value together", () => {
    const value = "é".repeat(LABEL_MAX_BYTES / 2 - 1);
    expect(codeOf(() => assertLabels({ ab: value }))).toBe("valid");
    expect(codeOf(() => assertLabels({ abc: value }))).toBe("INVALID_ARGUMENT");
  });

  test.each([
    "containerd.io/restart.loguri",
    "io.containerd.image",
    "io.cri-containerd.kind",
    "nerdctl/name",
    "voiyd/name",
    "voiyd.io/phase",
  ])("may not have the reserved key %s", (key) => {
    expect(isReservedLabel(key)).toBe(true);
    expect(codeOf(() => assertLabels({ [key]: "x" }))).toBe("INVALID_ARGUMENT");
  });

  test("may not have an empty key", () => {
    expect(codeOf(() => assertLabels({ "": "x" }))).toBe("INVALID_ARGUMENT");
  });
});

describe("the environment", () => {
  test("may have odd names, empty values, and a name twice", () => {
    const envvars = [
      { name: "A", value: "" },
      { name: "A", value: "x=y\n" },
      { name: "a.b c", value: "✓" },
    ];
    expect(codeOf(() => assertEnvironment(envvars))).toBe("valid");
  });

  test.each([
    { name: "", value: "x" },
    { name: "A=B", value: "x" },
    { name: "A\0", value: "x" },
    { name: "A", value: "x\0" },
  ])("may not have %j", (variable) => {
    expect(codeOf(() => assertEnvironment([variable]))).toBe("INVALID_ARGUMENT");
  });
});

describe("mounts", () => {
  test.each([
    { type: "bind", source: "/data", destination: "/data" },
    { type: "bind", source: "/a b", destination: "/a b/", readOnly: true, propagation: "rslave" },
    { type: "bind", source: "/...", destination: "/..a" },
    { type: "tmpfs", destination: "/run", size: 1, mode: 0 },
    { type: "tmpfs", destination: "/run", mode: 0o7777 },
  ] as const)("may have %j", (mount) => {
    expect(codeOf(() => assertMounts([mount]))).toBe("valid");
  });

  test.each([
    { type: "bind", source: "data", destination: "/data" },
    { type: "bind", source: "/data", destination: "data" },
    { type: "bind", source: "/a/../etc", destination: "/data" },
    { type: "bind", source: "/data", destination: "/a/.." },
    { type: "bind", source: "/da\0ta", destination: "/data" },
    { type: "tmpfs", destination: "/" },
    { type: "tmpfs", destination: "//" },
    { type: "tmpfs", destination: "/run", size: 0 },
    { type: "tmpfs", destination: "/run", size: 1.5 },
    { type: "tmpfs", destination: "/run", mode: 0o10000 },
  ] as const)("may not have %j", (mount) => {
    expect(codeOf(() => assertMounts([mount]))).toBe("INVALID_ARGUMENT");
  });

  test("may not be at one place twice, however it is written", () => {
    const twice = ["/a/b", "//a///b/"].map((destination) => ({ type: "tmpfs", destination }) as const);
    expect(codeOf(() => assertMounts(twice))).toBe("INVALID_ARGUMENT");
  });
});

describe("ports", () => {
  test.each([
    [
      [
        { containerPort: 1, hostPort: 0 },
        { containerPort: 65535, hostPort: 65535 },
      ],
    ],
    [
      [
        { containerPort: 53, hostPort: 53, protocol: "tcp" },
        { containerPort: 53, hostPort: 53, protocol: "udp" },
      ],
    ],
    [
      [
        { containerPort: 80, hostPort: 80, hostIp: "127.0.0.1" },
        { containerPort: 80, hostPort: 80, hostIp: "::1" },
      ],
    ],
    [
      [
        { containerPort: 80, hostPort: 0 },
        { containerPort: 80, hostPort: 0 },
      ],
    ],
    [[{ containerPort: 80, hostPort: 80, hostIp: "fe80::1234:5678" }]],
  ] as const)("may be %j", (mappings) => {
    expect(codeOf(() => assertPortMappings(mappings))).toBe("valid");
  });

  test.each([
    [[{ containerPort: 0, hostPort: 80 }]],
    [[{ containerPort: 80, hostPort: -1 }]],
    [[{ containerPort: 80, hostPort: 65536 }]],
    [[{ containerPort: 80.5, hostPort: 80 }]],
    [[{ containerPort: NaN, hostPort: 80 }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "256.0.0.1" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "1.2.3" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "1.2.3.4.5" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "01.2.3.4" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: "::1]/x[" }]],
    [[{ containerPort: 80, hostPort: 80, hostIp: ":::" }]],
    [
      [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80, hostIp: "127.0.0.1" },
      ],
    ],
    [
      [
        { containerPort: 80, hostPort: 80, hostIp: "0.0.0.0" },
        { containerPort: 81, hostPort: 80, hostIp: "10.0.0.1" },
      ],
    ],
  ])("may not be %j", (mappings) => {
    expect(codeOf(() => assertPortMappings(mappings))).toBe("INVALID_ARGUMENT");
  });
});

describe("a user", () => {
  test.each([
    ["0", { user: 0 }],
    ["root", { user: "root" }],
    ["1000:1000", { user: 1000, group: 1000 }],
    ["www-data:0", { user: "www-data", group: 0 }],
    ["_apt:_x.y$", { user: "_apt", group: "_x.y$" }],
    [String(MAX_UID), { user: MAX_UID }],
  ])("%s is read", (text, parsed) => {
    expect(parseUser(text)).toEqual(parsed);
  });

  test.each([
    "",
    ":",
    "root:",
    ":root",
    "a:b:c",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x0",
    "00",
    "01",
    " 0",
    "2147483648",
    "4294967296",
    "18446744073709551616",
    "a b",
    "a/b",
    "é",
    "1a",
    "-a",
  ])("%s is refused", (text) => {
    expect(codeOf(() => parseUser(text))).toBe("INVALID_ARGUMENT");
  });
});

describe("a signal", () => {
  test.each([
    ["SIGTERM", 15],
    ["TERM", 15],
    ["term", 15],
    ["15", 15],
    ["kill", 9],
    ["IOT", 6],
    ["1", 1],
    ["64", 64],
    ["RTMIN", 34],
    ["SIGRTMIN+3", 37],
    ["RTMAX-1", 63],
    ["RTMAX", 64],
  ])("%s is %d", (text, number) => {
    expect(parseSignal(text)).toBe(number);
  });

  test.each([
    "",
    "SIG",
    "0",
    "65",
    "-9",
    "9.0",
    "1e1",
    "TERM ",
    "SIGSIGTERM",
    "constructor",
    "__proto__",
    "RTMIN-1",
    "RTMAX+1",
    "RTMIN+31",
  ])("%j is none", (text) => {
    expect(codeOf(() => parseSignal(text))).toBe("INVALID_ARGUMENT");
  });

  test("names the option that it was given for", () => {
    expect(() => parseSignal("x", "killSignal")).toThrow("killSignal");
  });
});

describe("a capability", () => {
  test.each([
    ["CAP_NET_ADMIN", "CAP_NET_ADMIN"],
    ["net_admin", "CAP_NET_ADMIN"],
    ["Net_Admin", "CAP_NET_ADMIN"],
    ["all", "ALL"],
  ])("%s is %s", (text, name) => {
    expect(parseCapability(text)).toBe(name);
  });

  test.each(["", "CAP_", "CAP_CAP_NET_ADMIN", "CAP_ALL", "NET-ADMIN", "NET_ADMIN ", "ROOT"])("%j is none", (text) => {
    expect(codeOf(() => parseCapability(text))).toBe("INVALID_ARGUMENT");
  });

  test("the kernel has 41 of them", () => {
    expect(new Set(CAPABILITY_NAMES).size).toBe(41);
    expect(CAPABILITY_NAMES.indexOf("CAP_NET_ADMIN")).toBe(12);
    expect(CAPABILITY_NAMES.indexOf("CAP_CHECKPOINT_RESTORE")).toBe(40);
  });
});
