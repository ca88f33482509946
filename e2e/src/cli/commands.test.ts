import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { output, start, voiyd } from "./voiyd.js";

await describeOnHost("voiyd", (test) => {
  test("version tells its own version and containerd's", async (stage) => {
    const text = await output(stage, "version");
    expect(text).toContain("0.1.0");
    expect(text).toMatch(/containerd\/\d+\.\d+\.\d+|containerd.*\d+\.\d+\.\d+/s);
  });

  test("ps lists what runs, -a all, -q ids, --format json objects", async (stage) => {
    const running = (
      await output(stage, "run", "-d", "--name", "runs", "--network", "none", stage.busybox, "sleep", "1000")
    ).trim();
    await output(stage, "run", "--name", "ended", "--network", "none", stage.busybox, "true");
    expect(await output(stage, "ps")).toMatch(/runs/);
    expect(await output(stage, "ps")).not.toMatch(/ended/);
    expect(await output(stage, "ps", "-a")).toMatch(/Exited \(0\)/);
    expect((await output(stage, "ps", "-q", "--no-trunc")).trim()).toBe(running);
    const objects = (await output(stage, "ps", "-a", "--format", "json")).trim();
    expect(objects).toContain("runs");
    expect(objects).toContain("ended");
    await output(stage, "rm", "-f", "runs", "ended");
  });

  test("logs -f follows until the end", async (stage) => {
    await output(
      stage,
      "run",
      "-d",
      "--name",
      "talks",
      "--network",
      "none",
      stage.busybox,
      "sh",
      "-c",
      "for i in 1 2 3; do echo line $i; sleep 0.2; done; echo end >&2",
    );
    const result = await voiyd(stage, "logs", "-f", "talks");
    expect(result).toEqual({ code: 0, stdout: "line 1\nline 2\nline 3\n", stderr: "end\n" });
    await output(stage, "rm", "talks");
  });

  test("inspect gives the whole object as JSON", async (stage) => {
    await output(
      stage,
      "run",
      "-d",
      "--name",
      "seen",
      "--network",
      "none",
      "-l",
      "a=b",
      stage.busybox,
      "sleep",
      "1000",
    );
    const value: unknown = JSON.parse(await output(stage, "inspect", "seen"));
    expect(JSON.stringify(value)).toContain('"a":"b"');
    await output(stage, "rm", "-f", "seen");
    expect((await voiyd(stage, "inspect", "seen")).code).toBe(1);
  });

  test("templates of --format find what Docker's find", async (stage) => {
    const id = (
      await output(stage, "run", "-d", "--name", "named", "-e", "A=own", "-l", "a=b", stage.busybox, "sleep", "1000")
    ).trim();
    const { status } = await stage.main.runtime.get("named");
    expect(await output(stage, "ps", "--format", '{{.Names}}\\t{{.ID}}\\t{{.Label "a"}}')).toBe(
      `named\t${id.slice(0, 12)}\tb\n`,
    );
    const template = [
      ...["{{.State.Status}} {{.State.Pid}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"],
      "{{index .Config.Env 0}} {{len .Config.Env}}",
    ].join(" ");
    expect(await output(stage, "inspect", "-f", template, "named")).toBe(
      `running ${status.pid ?? 0} ${status.ip ?? "?"} A=own 2\n`,
    );
    expect(
      await output(stage, "events", "--since", "1h", "--until", "0s", "--format", "{{.Action}} {{.ID}}"),
    ).toContain(`start ${id}\n`);
    const refused = await voiyd(stage, "inspect", "-f", "{{.Nothing}}", "named");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain('there is no field "Nothing"');
    await output(stage, "rm", "-f", "named");
  });

  test("stop ends gracefully, kill at once, and both keep the container", async (stage) => {
    const { runtime } = stage.main;
    const trap = "trap 'exit 42' TERM; echo ready; while :; do sleep 0.1; done";
    await output(stage, "run", "-d", "--name", "polite", "--network", "none", stage.busybox, "sh", "-c", trap);
    const follow = start(stage, ["logs", "-f", "polite"]);
    await follow.saw("ready");
    await output(stage, "stop", "polite");
    await follow.result;
    expect((await runtime.get("polite")).status).toMatchObject({ phase: "exited", exitCode: 42 });
    await output(stage, "run", "-d", "--name", "tough", "--network", "none", stage.busybox, "sleep", "1000");
    await output(stage, "kill", "tough");
    expect((await runtime.get("tough")).status).toMatchObject({ phase: "exited", exitCode: 137 });
    await output(stage, "rm", "polite", "tough");
  });

  test("stop -t 0 does not wait", async (stage) => {
    await output(stage, "run", "-d", "--name", "deaf", "--network", "none", stage.busybox, "sleep", "1000");
    await output(stage, "stop", "-t", "0", "deaf");
    expect((await stage.main.runtime.get("deaf")).status.exitCode).toBe(137);
    await output(stage, "rm", "deaf");
  });

  test("rm refuses what runs, unless -f says otherwise", async (stage) => {
    await output(stage, "run", "-d", "--name", "alive", "--network", "none", stage.busybox, "sleep", "1000");
    expect((await voiyd(stage, "rm", "alive")).code).toBe(1);
    await output(stage, "rm", "-f", "alive");
    expect(await stage.main.runtime.list()).toEqual([]);
  });

  test("container prune removes what is stopped and fits, and nothing else", async (stage) => {
    const run = (name: string, ...command: readonly string[]): Promise<string> =>
      output(stage, "run", "-d", "--name", name, "--network", "none", "-l", `is=${name}`, stage.busybox, ...command);
    await run("runs", "sleep", "1000");
    const [one, other] = [(await run("one", "true")).trim(), (await run("other", "true")).trim()];
    await output(stage, "wait", "one", "other");
    const prune = (...args: readonly string[]): Promise<string> => output(stage, "container", "prune", "-f", ...args);
    expect(await prune("--filter", "until=10m")).toBe("Total reclaimed space: 0B\n");
    expect(await prune("--filter", "label!=is=other")).toMatch(
      new RegExp(`^Deleted Containers:\n${one}\n\nTotal reclaimed space: [0-9.]+k?B\n$`),
    );
    expect(await prune()).toContain(`\n${other}\n`);
    expect((await voiyd(stage, "container", "prune")).stderr).toContain("--force");
    expect(await output(stage, "ps", "-a", "--format", "json")).toContain("runs");
    await output(stage, "rm", "-f", "runs");
  });

  test("pull brings an image, images lists it", async (stage) => {
    const reference = await stage.publishBusybox("test/cli-pull", { config: { cmd: ["true"], labels: { n: "1" } } });
    await output(stage, "pull", reference);
    expect(await output(stage, "images")).toContain("test/cli-pull");
    expect((await output(stage, "pull", "-q", reference)).trim()).toBe(reference);
    const { code, stderr } = await voiyd(stage, "pull", `${stage.registry.host}/test/none`);
    expect(code).toBe(1);
    expect(stderr).toContain("test/none");
    await stage.main.runtime.removeImage(reference);
  });

  test("cleanup empties the log and takes the container off its network", async (stage) => {
    await output(stage, "run", "--name", "messy", stage.busybox, "echo", "something");
    expect(await output(stage, "logs", "messy")).toBe("something\n");
    await output(stage, "cleanup", "messy");
    expect(await output(stage, "logs", "messy")).toBe("");
    await output(stage, "rm", "messy");
  });

  test("--address and --namespace win over the environment", async (stage) => {
    await output(stage, "run", "-d", "--name", "here", "--network", "none", stage.busybox, "sleep", "1000");
    expect((await output(stage, "--namespace", "elsewhere", "ps", "-aq")).trim()).toBe("");
    const { code, stderr } = await voiyd(stage, "--address", `${stage.directory}/none.sock`, "ps");
    expect(code).toBe(1);
    expect(stderr).toContain("none.sock");
    expect(stderr).toContain("hint:");
    await output(stage, "rm", "-f", "here");
  });
});
