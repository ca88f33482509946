import { chmod, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { RuncOptionsSchema, unpackAny } from "@voiyd/containerd-client";
import { cgroupFeatures } from "../host/cgroup-features.js";
import { parseHardLimits } from "../host/hard-limits.js";
import { findProgram } from "../host/find-program.js";
import { hostsFile } from "../run/hosts-file.js";
import { hasReachableServer, resolvConf } from "../run/resolv-conf.js";
import { apparmorProfile } from "../spec/apparmor-profile.js";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { parseLoadedProfiles } from "./apparmor.js";
import { findInitBinary, isStatic } from "./init-binary.js";
import { RuntimeFeatures } from "./runtime-features.js";
import { chooseRuntime, shimOptions } from "./shim.js";

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

/** A 64-bit ELF header with one segment of a type. */
function elf(segment: number): Buffer {
  const file = Buffer.alloc(64 + 56);
  file.write("\x7fELF", 0, "latin1");
  file.set([2, 1, 1], 4);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(segment, 64);
  return file;
}

async function program(name: string, content: Buffer | string): Promise<string> {
  await writeFile(folder.at(name), content);
  await chmod(folder.at(name), 0o755);
  return folder.at(name);
}

describe("the host's init binary", () => {
  test("is one that asks for no loader", async () => {
    expect(await isStatic(await program("static", elf(1)))).toBe(true);
    expect(await isStatic(await program("dynamic", elf(3)))).toBe(false);
    expect(await isStatic(await program("script", "#!/bin/sh\n"))).toBe(false);
    expect(await isStatic(await program("cut", elf(1).subarray(0, 40)))).toBe(false);
  });

  test("is looked for by its usual names", async () => {
    await program("tini-static", elf(1));
    expect(await findInitBinary(folder.path)).toBe(folder.at("tini-static"));
  });
});

test("a program is found as a shell finds it, and only one that may be run", async () => {
  await program("thing", "x");
  expect(await findProgram("thing", `relative:${folder.path}`)).toBe(folder.at("thing"));
  await chmod(folder.at("thing"), 0o644);
  expect(await findProgram("thing", folder.path)).toBeUndefined();
});

describe("the runtime that a request names", () => {
  const context = {
    shim: "io.containerd.runc.v2",
    runtimes: new Map([["mine", { shim: "io.containerd.runc.v2", binary: "/opt/mine" }]]),
  };

  test("none is the default, a name of ours is ours", async () => {
    expect(await chooseRuntime(context, undefined)).toEqual({ shim: "io.containerd.runc.v2" });
    expect(await chooseRuntime({ ...context, shim: "other" }, undefined)).toEqual({ shim: "other" });
  });

  test.each(["unknown", "io.containerd.nothing-of-this-name.v9", "../../bin/sh", "constructor"])(
    "%s is refused",
    async (name) => {
      await expect(chooseRuntime(context, name)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    },
  );

  test("the shim's options say the program and the driver, and nothing where there is nothing to say", () => {
    expect(shimOptions({ shim: "io.containerd.runc.v2" }, "cgroupfs")).toBeUndefined();
    expect(shimOptions({ shim: "io.containerd.runsc.v1" }, "systemd")).toBeUndefined();
    const options = shimOptions({ shim: "io.containerd.runc.v2", binary: "crun" }, "systemd");
    if (options === undefined) throw new Error("there are none");
    expect(unpackAny(RuncOptionsSchema, options)).toMatchObject({ binaryName: "crun", systemdCgroup: true });
  });
});

describe("what an OCI runtime can do", () => {
  const kernel = { major: 6, minor: 1 };
  const features = (stdout: string, version = kernel): { asked: string[]; known: RuntimeFeatures } => {
    const asked: string[] = [];
    const command = (file: string): Promise<{ stdout: string; stderr: string }> => {
      asked.push(file);
      return stdout === "" ? Promise.reject(new Error("no such command")) : Promise.resolve({ stdout, stderr: "" });
    };
    const facts = {
      architecture: "x64",
      cgroupVersion: 1,
      kernel: version,
      memory: 0,
      bootId: "",
      boundingCapabilities: 0n,
      cgroupRoots: [],
    } as const;
    return { asked, known: new RuntimeFeatures({ command, facts }) };
  };

  test("is asked once, and only where the kernel can", async () => {
    const { asked, known } = features('{"mountOptions":["ro","rro"]}');
    expect(await Promise.all([known.recursiveReadOnly("runc"), known.recursiveReadOnly("runc")])).toEqual([true, true]);
    expect(asked).toEqual(["runc"]);
    expect(await features('{"mountOptions":["rro"]}', { major: 5, minor: 11 }).known.recursiveReadOnly("runc")).toBe(
      false,
    );
  });

  test.each(["", "{}", "[]", '{"mountOptions":"rro"}', "no"])("an answer of %j counts as no", async (answer) => {
    expect(await features(answer).known.recursiveReadOnly("runc")).toBe(false);
  });
});

describe("AppArmor", () => {
  test("the kernel's list is names", () => {
    expect([...parseLoadedProfiles("docker-default (enforce)\n/usr/bin/x y (complain)\n\n")]).toEqual([
      "docker-default",
      "/usr/bin/x y",
    ]);
  });

  test("the profile lets the OCI runtimes stop a container, and no mount be made", () => {
    const profile = apparmorProfile("p");
    for (const peer of ["unconfined", "runc", "crun"]) expect(profile).toContain(`signal (receive) peer=${peer},`);
    expect(profile).toContain("deny mount,");
    expect(profile.match(/[{}]/g)?.filter((brace) => brace === "{").length).toBe(profile.match(/\}/g)?.length);
  });
});

describe("facts of the host", () => {
  test("hard limits, from the kernel's table", () => {
    const table =
      "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            20000                20001                files     \nMax core file size        0                    unlimited            bytes     \nMax nice priority         0                    5                    \n";
    expect(parseHardLimits(table)).toEqual({ nofile: 20_001, core: -1, nice: 5 });
  });

  test("what control groups can limit: by files with v1, by controllers with v2", () => {
    expect([
      ...cgroupFeatures(1, new Set(["memory.limit_in_bytes", "cpu.shares", "hugetlb.2MB.limit_in_bytes"]), ""),
    ]).toEqual(["memory", "cpu", "hugetlb"]);
    expect([...cgroupFeatures(2, new Set(), "cpu memory pids")]).toEqual([
      "cpu",
      "cpu-quota",
      "memory",
      "pids",
      "swap",
    ]);
    expect([...cgroupFeatures(2, new Set(["memory.max"]), "memory")]).toEqual(["memory"]);
  });
});

describe("name files", () => {
  test("hosts: what is asked for, a shared host name, and no line for a gateway that is not known", () => {
    const input = {
      extraHosts: [
        { name: "db", address: "10.9.9.9" },
        { name: "up", address: "host-gateway" },
      ],
    };
    expect(hostsFile(input)).toMatch(/^127\.0\.0\.1\tlocalhost\n[^]*\tip6-allrouters\n10\.9\.9\.9\tdb\n$/);
    expect(hostsFile({ ...input, hostname: "box" })).toContain("\n127.0.1.1\tbox\n");
    expect(hostsFile({ ...input, gateway: "10.0.0.1" })).toContain("\n10.0.0.1\tup\n");
  });

  const host = "nameserver 127.0.0.53\nnameserver 10.0.0.1\nsearch lan\noptions edns0\n";
  test.each([
    [{}, false, "nameserver 10.0.0.1\nsearch lan\noptions edns0\n"],
    [{}, true, host],
    [{ servers: ["9.9.9.9"] }, false, "search lan\noptions edns0\nnameserver 9.9.9.9\n"],
    [{ search: ["a.b"], options: ["ndots:1"] }, false, "nameserver 10.0.0.1\nsearch a.b\noptions ndots:1\n"],
    [{ search: ["."] }, false, "nameserver 10.0.0.1\noptions edns0\n"],
  ])("resolv.conf: %j", (dns, keepsLocal, expected) => {
    expect(resolvConf(host, dns, { keepsLocal })).toBe(expected);
  });

  test("resolv.conf: public servers where the host has none that a container could reach", () => {
    const alone = "nameserver 127.0.0.53\nsearch lan\n";
    expect(resolvConf(alone, {}, { keepsLocal: false })).toBe("search lan\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    expect(resolvConf(alone, {}, { keepsLocal: true })).toBe(alone);
    expect(resolvConf("", { servers: ["10.0.0.1"] }, { keepsLocal: false })).toBe("nameserver 10.0.0.1\n");
  });

  test("a server on the loopback is none that a container can reach", () => {
    expect([
      hasReachableServer("nameserver 127.0.0.1\n"),
      hasReachableServer("nameserver ::1"),
      hasReachableServer(host),
    ]).toEqual([false, false, true]);
  });
});
