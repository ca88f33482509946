import { readlink } from "node:fs/promises";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { type Findings, probe } from "./probe.js";

/** The fourteen of the specification's defaults, as the kernel's mask (`capabilities(7)`). */
const FOURTEEN = "00000000a80425fb";
const NONE = "0000000000000000";

function lines(findings: Findings, property: string): readonly string[] {
  return (findings[property] ?? "").split("\n");
}

function capabilities(findings: Findings): Readonly<Record<string, string>> {
  return Object.fromEntries(lines(findings, "capabilities").map((line) => line.split(":\t") as [string, string]));
}

await describeOnHost("what a process inside a container really gets", (test) => {
  test("by default: all properties of the specification, as locked up as Docker's", async (stage) => {
    const found = await probe(stage);

    expect(found["arguments"]).toMatch(/^tr/);
    expect(found["workingDirectory"]).toBe("/");
    expect(lines(found, "environment")).toEqual([
      "HOME=/root",
      expect.stringMatching(/^HOSTNAME=[0-9a-f]{12}$/),
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
    expect(found["user"]).toBe("0\n0");
    expect(found["groups"]).toBe("0");
    expect(found["umask"]).toBe("0022");
    expect(capabilities(found)).toEqual({
      CapInh: NONE,
      CapPrm: FOURTEEN,
      CapEff: FOURTEEN,
      CapBnd: FOURTEEN,
      CapAmb: NONE,
    });
    expect(found["noNewPrivileges"]).toBe("NoNewPrivs:\t1");
    expect(found["seccomp"]).toBe("Seccomp:\t2");
    expect(found["domainname"]).toBe("(none)");
    const [hostname, file] = lines(found, "hostname");
    expect(hostname).toMatch(/^[0-9a-f]{12}$/);
    expect(file).toBe(hostname);
    expect(found["outOfMemoryScore"]).toBe("0");
    expect(found["rootIsWritable"]).toBe("yes");
    expect(lines(found, "idMappings").map((line) => line.trim())).toEqual(["0 0 4294967295", "0 0 4294967295"]);
    expect(found["processes"]?.split("\n")[0]).toBe("1");
    expect(lines(found, "kernelSettings")).toEqual(["0", "0\t2147483647"]);
    // Nothing else of the host is a device than what every program takes for granted.
    expect(
      lines(found, "devices")
        .map((line) => line.split(" ").at(-1))
        .sort(),
    ).toEqual(["full", "null", "random", "tty", "urandom", "zero"]);
    // The kernel's log: the node can be made, and is not let open.
    expect(found["deviceAccess"]).toBe("closed");
    for (const line of lines(found, "masked")) expect(line).toMatch(/ 0$/);
    for (const line of lines(found, "readonly")) expect(line).toMatch(/ ro$/);
    expect(lines(found, "readonly").map((line) => line.split(" ")[0])).toContain("/proc/sys");
  });

  test("by default: its own namespaces, mounts that take nothing from the host, and a control group of its own", async (stage) => {
    const found = await probe(stage);
    const own = Object.fromEntries(lines(found, "namespaces").map((line) => line.split(" ") as [string, string]));
    for (const kind of ["pid", "ipc", "uts", "net", "mnt"])
      expect(own[kind]).not.toBe(await readlink(`/proc/self/ns/${kind}`));
    expect(own["user"]).toBe(await readlink("/proc/self/ns/user"));

    const mounts = new Map(lines(found, "mounts").map((line) => line.split(" ") as [string, string]));
    for (const [path, options] of [
      ["/proc", ["nosuid", "nodev", "noexec"]],
      ["/dev", ["nosuid"]],
      ["/dev/pts", ["nosuid", "noexec"]],
      ["/dev/shm", ["nosuid", "nodev", "noexec"]],
      ["/dev/mqueue", ["nosuid", "nodev", "noexec"]],
      ["/sys", ["ro", "nosuid", "nodev", "noexec"]],
      // With v1 every hierarchy is a mount of its own below it, and with v2 this is the one.
      [
        mounts.has("/sys/fs/cgroup/memory") ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup",
        ["ro", "nosuid", "nodev", "noexec"],
      ],
    ] as const) {
      expect(mounts.get(path)?.split(",")).toEqual(expect.arrayContaining([...options]));
    }
    expect([...mounts.keys()].filter((path) => path.startsWith("/etc/")).sort()).toEqual([
      "/etc/hostname",
      "/etc/hosts",
      "/etc/resolv.conf",
    ]);
    for (const line of lines(found, "controlGroups")) expect(line).toMatch(/\/voiyd\/[0-9a-f]{64}$|:\/$|name=|::/);
  });

  test("what was asked for, property by property", async (stage) => {
    const found = await probe(stage, {
      user: "app",
      groupAdd: ["extra", "777"],
      umask: 0o077,
      workingDir: "/srv/made/for/it",
      hostname: "web",
      domainname: "example.org",
      envvars: [{ name: "A", value: "1" }],
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"], ambient: ["NET_BIND_SERVICE"] },
      readOnlyRootfs: true,
      oomScoreAdj: 500,
      ulimits: [
        { name: "nofile", soft: 64, hard: 128 },
        { name: "core", soft: 0, hard: 0 },
      ],
      sysctls: { "net.ipv4.ip_unprivileged_port_start": "1024" },
      devices: [{ path: "/dev/zero", destination: "/dev/nothing", permissions: "r" }],
      shmSize: 1024 * 1024,
    });
    expect(found["user"]).toBe("1000\n1000");
    expect(found["groups"]).toBe("777 1000 2000");
    expect(found["umask"]).toBe("0077");
    expect(found["workingDirectory"]).toBe("/srv/made/for/it");
    expect(found["hostname"]).toBe("web\nweb");
    expect(found["domainname"]).toBe("example.org");
    expect(lines(found, "environment")).toContain("A=1");
    const only = "0000000000000400";
    expect(capabilities(found)).toEqual({ CapInh: only, CapPrm: only, CapEff: only, CapBnd: only, CapAmb: only });
    expect(found["rootIsWritable"]).toBe("no");
    expect(found["outOfMemoryScore"]).toBe("500");
    expect(lines(found, "limits")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Max open files 64 128 /),
        expect.stringMatching(/^Max core file size 0 0 /),
      ]),
    );
    expect(lines(found, "kernelSettings")[0]).toBe("1024");
    expect(lines(found, "devices").some((line) => line.endsWith(" nothing") && line.includes("1,5"))).toBe(true);
  });

  test("with hardened: nine capabilities, nothing to write to, no way to more", async (stage) => {
    const found = await probe(stage, { hardened: true });
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE
    const nine = "00000000000005fb";
    expect(capabilities(found)).toMatchObject({ CapBnd: nine, CapEff: nine, CapInh: NONE, CapAmb: NONE });
    expect(found["noNewPrivileges"]).toBe("NoNewPrivs:\t1");
    expect(found["seccomp"]).toBe("Seccomp:\t2");
    expect(found["rootIsWritable"]).toBe("no");
    const own = Object.fromEntries(lines(found, "namespaces").map((line) => line.split(" ") as [string, string]));
    expect(own["cgroup"]).not.toBe(await readlink("/proc/self/ns/cgroup"));
  });

  test("of a privileged container: everything, because that is what was asked for", async (stage) => {
    const found = await probe(stage, { privileged: true });
    expect(found["seccomp"]).toBe("Seccomp:\t0");
    expect(found["noNewPrivileges"]).toBe("NoNewPrivs:\t0");
    expect(lines(found, "readonly").every((line) => !line.endsWith(" ro"))).toBe(true);
    expect(found["deviceAccess"]).toBe("open");
  });
});
