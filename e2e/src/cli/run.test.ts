import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { output, start, voiyd } from "./voiyd.js";

await describeOnHost("voiyd run", (test) => {
  test("shows the output, the streams apart, and ends with the container's exit code", async (stage) => {
    const result = await voiyd(stage, "run", "--rm", stage.busybox, "sh", "-c", "echo out; echo err >&2; exit 3");
    expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("-d prints the id, --name names it, -e, -l and -w reach it", async (stage) => {
    const id = (
      await output(
        stage,
        "run",
        "-d",
        "--name",
        "named",
        "-e",
        "A=1",
        "--env",
        "B=two words",
        "-l",
        "k=v",
        "-w",
        "/tmp",
        stage.busybox,
        "sh",
        "-c",
        "echo $A $B; pwd; sleep 1000",
      )
    ).trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const container = await stage.main.runtime.get("named");
    expect(container.status.id).toBe(id);
    expect(container.meta.labels).toEqual({ k: "v" });
    await output(stage, "kill", "named");
    expect(await output(stage, "logs", "named")).toBe("1 two words\n/tmp\n");
    await output(stage, "rm", "named");
  });

  test("-v binds a folder, read-only where asked", async (stage) => {
    const folder = await mkdtemp(join(tmpdir(), "voiyd-volume-"));
    await output(stage, "run", "--rm", "-v", `${folder}:/data`, stage.busybox, "sh", "-c", "echo hello > /data/file");
    expect(await readFile(join(folder, "file"), "utf8")).toBe("hello\n");
    const refused = await voiyd(
      stage,
      "run",
      "--rm",
      "-v",
      `${folder}:/data:ro`,
      stage.busybox,
      "sh",
      "-c",
      "echo x > /data/file",
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Read-only file system");
    await rm(folder, { recursive: true });
  });

  test("-p publishes a port", async (stage) => {
    await output(
      stage,
      "run",
      "-d",
      "--name",
      "web",
      "-p",
      "127.0.0.1:0:80",
      stage.busybox,
      "httpd",
      "-f",
      "-p",
      "80",
      "-h",
      "/www",
    );
    const { status } = await stage.main.runtime.get("web");
    const port = status.ports?.[0]?.hostPort ?? 0;
    expect(port).toBeGreaterThan(0);
    const text = await fetchUntilUp(`http://127.0.0.1:${port}/`);
    expect(text).toContain("It runs.");
    expect(await output(stage, "ps")).toContain(`127.0.0.1:${port}->80/tcp`);
    await output(stage, "rm", "-f", "web");
  });

  test("-u, --cap-drop, --cap-add and --privileged say who it is and what it may", async (stage) => {
    expect(await output(stage, "run", "--rm", "-u", "app", stage.busybox, "id")).toContain(
      "uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)",
    );
    const caps = async (...args: readonly string[]): Promise<string> => {
      const status = await output(stage, "run", "--rm", ...args, stage.busybox, "grep", "CapEff", "/proc/self/status");
      return status.trim().split("\t")[1] ?? "";
    };
    expect(await caps()).toBe("00000000a80425fb");
    expect(await caps("--cap-drop", "ALL")).toBe("0000000000000000");
    expect(await caps("--cap-drop", "ALL", "--cap-add", "NET_ADMIN")).toBe("0000000000001000");
    expect(BigInt(`0x${await caps("--privileged")}`)).toBeGreaterThan(0xa80425fbn);
  });

  test("--network none and host give no network and the host's", async (stage) => {
    const links = async (network: string): Promise<string[]> =>
      (await output(stage, "run", "--rm", "--network", network, stage.busybox, "ls", "/sys/class/net"))
        .trim()
        .split("\n");
    expect(await links("none")).toEqual(["lo"]);
    expect((await links("host")).length).toBeGreaterThan(1);
  });

  test("Ctrl-C ends the container in the foreground, and --rm removes it", async (stage) => {
    const command = start(stage, [
      "run",
      "--rm",
      "--name",
      "ctrl-c",
      stage.busybox,
      "sh",
      "-c",
      "trap 'echo bye; exit 5' INT; echo ready; while :; do sleep 0.1; done",
    ]);
    await command.saw("ready");
    command.signal("SIGINT");
    expect(await command.result).toMatchObject({ code: 5, stdout: "ready\nbye\n" });
  });

  test("-d --rm removes the container after its end, without anybody waiting", async (stage) => {
    await output(stage, "run", "-d", "--rm", "--name", "reaped", stage.busybox, "sleep", "1");
    for (let left = 100; (await stage.main.runtime.list()).length > 0; left--) {
      if (left === 0) throw new Error("it is still there");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  test("--rm outlasts restarts, and removes at the end after them: in the background, in the foreground, and by stop", async (stage) => {
    const phase = async (name: string): Promise<string> => (await stage.main.runtime.get(name)).status.phase;
    const isGone = async (): Promise<void> => {
      for (let left = 100; (await stage.main.runtime.list()).length > 0; left--) {
        if (left === 0) throw new Error("it is still there");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const network = ["--network", "none"];
    await output(stage, "run", "-d", "--rm", "--name", "again", ...network, stage.busybox, "sleep", "1000");
    const script = "trap 'exit 6' INT; echo ready; while :; do sleep 0.1; done";
    const command = start(stage, ["run", "--rm", "--name", "front", ...network, stage.busybox, "sh", "-c", script]);
    await command.saw("ready");
    for (let round = 0; round < 2; round++) await output(stage, "restart", "-t", "0", "again", "front");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([await phase("again"), await phase("front")]).toEqual(["running", "running"]);
    await output(stage, "kill", "-s", "INT", "front");
    expect((await command.result).code).toBe(6);
    await output(stage, "stop", "-t", "0", "again");
    await isGone();
    await output(stage, "run", "-d", "--rm", "--name", "again", ...network, stage.busybox, "sleep", "1000");
    await output(stage, "kill", "again");
    await isGone();
  });

  test("ends with 125 for its own errors, 126 and 127 for commands that cannot run", async (stage) => {
    expect((await voiyd(stage, "run", "--no-such-option", stage.busybox)).code).toBe(125);
    expect((await voiyd(stage, "run", "--rm", `${stage.registry.host}/test/none`)).code).toBe(125);
    expect((await voiyd(stage, "run", "--rm", stage.busybox, "/etc/passwd")).code).toBe(126);
    expect((await voiyd(stage, "run", "--rm", stage.busybox, "no-such-command")).code).toBe(127);
  });

  test("a start that fails removes a container of create --rm, and leaves others", async (stage) => {
    const command = [stage.busybox, "no-such-command"];
    await output(stage, "create", "--rm", "--name", "unborn", ...command);
    await output(stage, "create", "--name", "kept", ...command);
    const started = await voiyd(stage, "start", "unborn", "kept");
    expect([started.code, started.stderr]).toEqual([1, expect.stringContaining("no-such-command")]);
    expect((await stage.main.runtime.list()).map(({ meta }) => meta.name)).toEqual(["kept"]);
    await output(stage, "rm", "kept");
  });
});

async function fetchUntilUp(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
