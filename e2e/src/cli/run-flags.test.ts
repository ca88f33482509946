import { mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { output, voiyd } from "./voiyd.js";

await describeOnHost("flags of voiyd run", (test) => {
  test("about the process: --user, --group-add, --umask, --workdir, --env-file, --entrypoint", async (stage) => {
    const envFile = join(stage.directory, "some.env");
    await writeFile(envFile, "# none\nA=1\nB='two'\n");
    const text = await output(
      ...[stage, "run", "--rm", "--network", "none", "-u", "app", "--group-add", "777", "--umask", "027", "-w", "/tmp"],
      ...["--env-file", envFile, "-e", "A=2", "--entrypoint", "sh", "--stop-signal", "INT", stage.busybox],
      ...["-c", "id -u; id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' '; echo; umask; pwd; echo $A $B"],
    );
    expect(text).toBe("1000\n777 1000 2000 \n0027\n/tmp\n2 'two'\n");
  });

  test("about ports: -P publishes what --expose names", async (stage) => {
    const serve = ["httpd", "-f", "-p", "8080", "-h", "/etc"];
    await output(stage, "run", "-d", "--name", "web", "-P", "--expose", "8080", stage.busybox, ...serve);
    const container = await stage.main.runtime.get("web");
    expect(container.status.ports).toMatchObject([{ containerPort: 8080, hostPort: expect.any(Number) }]);
    const port = container.status.ports?.[0]?.hostPort ?? 0;
    expect(port).toBeGreaterThan(0);
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/hostname`)).text()).toBe(
      `${String(container.status.id).slice(0, 12)}\n`,
    );
    await output(stage, "rm", "-f", "web");
  });

  test("about limits: memory, processes, open files, shared memory, kernel settings", async (stage) => {
    const text = await output(
      ...[stage, "run", "--rm", "--network", "none", "-m", "64m", "--cpus", ".5", "-c", "512", "--pids-limit", "99"],
      ...[
        "--ulimit",
        "nofile=64:128",
        "--shm-size",
        "1m",
        "--sysctl",
        "net.core.somaxconn=99",
        "--oom-score-adj",
        "500",
      ],
      ...[stage.busybox, "sh", "-c"],
      "ulimit -Sn; ulimit -Hn; df -k /dev/shm | tail -1 | awk '{print $2}'; cat /proc/sys/net/core/somaxconn /proc/self/oom_score_adj",
    );
    expect(text).toBe("64\n128\n1024\n99\n500\n");
  });

  test("about rights: --security-opt, --cap-drop, --device, --hardened, --read-only with --tmpfs", async (stage) => {
    const status = "grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/self/status | tr -d '\\t' | tr '\\n' ' '";
    const run = (...flags: readonly string[]): Promise<string> =>
      output(stage, "run", "--rm", "--network", "none", ...flags, stage.busybox, "sh", "-c", status);
    expect(await run()).toBe("CapEff:00000000a80425fb NoNewPrivs:0 Seccomp:2 ");
    expect(
      await run("--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined", "--cap-drop", "ALL"),
    ).toBe("CapEff:0000000000000000 NoNewPrivs:1 Seccomp:0 ");
    expect(await run("--hardened")).toBe("CapEff:00000000000005fb NoNewPrivs:1 Seccomp:2 ");

    const profile = join(stage.directory, "profile.json");
    await writeFile(
      profile,
      JSON.stringify({
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
      }),
    );
    const text = await output(
      ...[stage, "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/scratch:size=1m,mode=700"],
      ...["--device", "/dev/zero:/dev/nothing:r", "--security-opt", `seccomp=${profile}`, stage.busybox, "sh", "-c"],
      "mkdir /scratch/x 2>/dev/null || echo refused; touch /x 2>/dev/null || echo read-only; touch /scratch/y && stat -c %a /scratch; test -c /dev/nothing && echo device",
    );
    expect(text).toBe("refused\nread-only\n700\ndevice\n");
  });

  test("about namespaces: --pid, --ipc and --uts of the host, --pid of a container, --hostname and --domainname", async (stage) => {
    await output(stage, "run", "-d", "--name", "one", "--network", "none", stage.busybox, "sleep", "1000");
    const joined = await output(
      ...[stage, "run", "--rm", "--network", "none", "--pid", "container:one", stage.busybox, "ps"],
    );
    expect(joined).toContain("sleep 1000");
    await output(stage, "rm", "-f", "one");
    const own = (kind: string): Promise<string> =>
      output(
        stage,
        "run",
        "--rm",
        "--network",
        "none",
        `--${kind}`,
        "host",
        stage.busybox,
        "readlink",
        `/proc/self/ns/${kind}`,
      );
    for (const kind of ["pid", "ipc", "uts"]) {
      expect((await own(kind)).trim()).toBe(await readlink(`/proc/self/ns/${kind}`));
    }
    expect(
      await output(
        ...[stage, "run", "--rm", "--network", "none", "-h", "web", "--domainname", "example.org", stage.busybox],
        ...["sh", "-c", "hostname; cat /proc/sys/kernel/domainname"],
      ),
    ).toBe("web\nexample.org\n");
  });

  test("about files: a folder that -v makes, one that --mount does not, a named volume, and another container's volumes", async (stage) => {
    const folder = await mkdtemp(join(tmpdir(), "voiyd-flags-"));
    const made = join(folder, "made/here");
    await output(
      stage,
      "run",
      "--rm",
      "--network",
      "none",
      "-v",
      `${made}:/data`,
      stage.busybox,
      "touch",
      "/data/file",
    );
    expect((await stat(join(made, "file"))).isFile()).toBe(true);
    const missing = await voiyd(
      ...[stage, "run", "--rm", "--mount", `type=bind,src=${folder}/none,dst=/data`, stage.busybox, "true"],
    );
    expect(missing).toMatchObject({ code: 125, stdout: "" });
    expect(missing.stderr).toContain(`${folder}/none`);

    await mkdir(join(folder, "bound"));
    const holder = await voiyd(
      ...[
        stage,
        "run",
        "--name",
        "holder",
        "--network",
        "none",
        "-v",
        "kept:/kept",
        "-v",
        "/own",
        "-v",
        `${folder}/bound:/bound`,
      ],
      ...[stage.busybox, "sh", "-c", "echo kept > /kept/file; echo own > /own/file; echo bound > /bound/file"],
    );
    expect(holder).toMatchObject({ code: 0, stderr: "" });
    expect(
      await output(
        ...[stage, "run", "--rm", "--network", "none", "--volumes-from", "holder", "--tmpfs", "/bound", stage.busybox],
        ...["sh", "-c", "cat /kept/file /own/file; ls -A /bound; echo more >> /own/file"],
      ),
    ).toBe("kept\nown\n");
    const refused = await voiyd(
      ...[stage, "run", "--rm", "--network", "none", "--volumes-from", "holder:ro", stage.busybox],
      ...["sh", "-c", "cat /own/file; echo x > /own/file"],
    );
    expect(refused).toMatchObject({ code: 1, stdout: "own\nmore\n" });
    expect(refused.stderr).toContain("Read-only file system");
    await output(stage, "rm", "holder");
    expect(
      await output(stage, "run", "--rm", "--network", "none", "-v", "kept:/kept", stage.busybox, "cat", "/kept/file"),
    ).toBe("kept\n");
    await rm(join(stage.host.stateDir, "volumes"), { recursive: true });
    await rm(folder, { recursive: true });
  });

  test("--cidfile and --pidfile say who it is, and a file that is there is left alone", async (stage) => {
    const cidfile = join(stage.directory, "cid");
    const pidfile = join(stage.directory, "pid");
    const flags = ["run", "-d", "--network", "none", "--cidfile", cidfile, "--pidfile", pidfile];
    const id = (
      await output(stage, ...flags, "--name", "written", "--init=false", stage.busybox, "sleep", "1000")
    ).trim();
    expect(await readFile(cidfile, "utf8")).toBe(id);
    const { status } = await stage.main.runtime.get("written");
    expect(await readFile(pidfile, "utf8")).toBe(String(status.pid));
    const again = await voiyd(stage, ...flags, stage.busybox, "true");
    expect(again.code).toBe(125);
    expect(again.stderr).toContain("is there already");
    expect(await readFile(cidfile, "utf8")).toBe(id);
    await output(stage, "rm", "-f", "written");
  });

  test("ps shows the image's own command", async (stage) => {
    const image = await stage.publishBusybox("test/with-command", { config: { cmd: ["sleep", "1234"] } });
    await output(stage, "run", "-d", "--name", "quiet", "--network", "none", "-q", image);
    expect(await output(stage, "ps")).toContain('"sleep 1234"');
    await output(stage, "rm", "-f", "quiet");
    await stage.main.runtime.removeImage(image);
  });

  test("what this host cannot give, and what nobody can mean, ends with 125 and the flag's name, and leaves nothing", async (stage) => {
    for (const [flags, said] of [
      [["--runtime", "runsc"], "runtime"],
      [["--device", "/dev/none"], "devices[0].path"],
      [["--ulimit", "nofile=1:-1"], "ulimits"],
      [["--cpuset-cpus", "4000"], "cpusetCpus"],
      [["--security-opt", "seccomp=/none.json"], "seccomp"],
      [["--security-opt", "apparmor=none"], "apparmor"],
      [["--volumes-from", "nobody"], "volumesFrom[0].container"],
      [["--pid", "container:nobody"], "namespaces.pid"],
      [["--isolation", "hyperv"], "--isolation"],
      [["--gpus", "all"], "nvidia.com/gpu=all"],
    ] as const) {
      const { code, stderr } = await voiyd(stage, "run", "--rm", ...flags, stage.busybox, "true");
      expect(`${flags.join(" ")}: ${String(code)} ${stderr}`).toContain(`${flags.join(" ")}: 125 `);
      expect(stderr).toContain(said);
    }
  });
});
