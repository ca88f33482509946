import { readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { outputOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { logBox, logProcesses } from "../logs/log-box.js";
import { type SingleFile, singleFile } from "./single-file.js";

let made: Promise<SingleFile> | undefined;
/** One for all tests: it takes a while to build. */
const single = (stage: Stage): Promise<SingleFile> => (made ??= singleFile(stage));

/** The program that a process runs. */
const programOf = (pid: number | undefined): Promise<string> => readlink(`/proc/${pid ?? 0}/exe`);

/** Tells at its end what was made of the code that the executable has kept: a line of JSON on standard error. */
const TELL = `
  const vm = require("node:vm");
  const loaded = [];
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options);
      if (options.cachedData !== undefined) loaded.push([options.filename, this.cachedDataRejected]);
    }
  };
  process.on("exit", () => require("node:fs").writeSync(2, JSON.stringify(loaded)));
`;

await describeOnHost("voiyd as a single file", (test) => {
  test("says its version where there is nothing else, and takes up the code that was compiled for it", async (stage) => {
    const voiyd = await single(stage);
    const manifest: unknown = JSON.parse(await readFile("../packages/cli/package.json", "utf8"));
    const version = { code: 0, stdout: `voiyd ${String(Reflect.get(Object(manifest), "version"))}\n`, stderr: "" };
    for (const option of ["--version", "-v"]) expect(await voiyd.run([option], { PATH: "" })).toEqual(version);
    const tell = join(stage.directory, "tell.cjs");
    await writeFile(tell, TELL);
    const loadedBy = async (env: Readonly<Record<string, string>>): Promise<unknown> =>
      JSON.parse((await voiyd.run(["ps"], { NODE_OPTIONS: `--require ${tell}`, ...env })).stderr);
    const loaded = await loadedBy({});
    expect(loaded).toContainEqual([expect.stringMatching(/^voiyd:program-\w+\.js$/), false]);
    expect(loaded).toContainEqual([expect.stringMatching(/^voiyd:composition-\w+\.js$/), false]);
    expect(loaded).not.toContainEqual([expect.anything(), true]);
    expect(await loadedBy({ VOIYD_SHORTCUTS: "off" })).toEqual([]);
  });

  test("runs a container to its end, whose variables are none of its own", async (stage) => {
    const voiyd = await single(stage);
    const variables = join(stage.directory, "variables");
    await writeFile(variables, "NODE_OPTIONS=--no-such-option\n");
    const script = "echo $NODE_OPTIONS; echo err >&2; exit 3";
    expect(await voiyd.run(["run", "--rm", "--env-file", variables, stage.busybox, "sh", "-c", script])).toEqual({
      code: 3,
      stdout: "--no-such-option\n",
      stderr: "err\n",
    });
    // A process of it stays behind to do so.
    await voiyd.output("run", "-d", "--rm", "--name", "brief", stage.busybox, "true");
    while ((await voiyd.output("ps", "-aq")) !== "") await sleep(50);
  });

  test("has a container on the network, with a port, and all that one does with it", async (stage) => {
    const voiyd = await single(stage);
    const serve = ["sh", "-c", "echo serving; exec httpd -f -p 80 -h /www"];
    await voiyd.output("run", "-d", "--name", "web", "-p", "127.0.0.1:0:80", stage.busybox, ...serve);
    const port = (await stage.main.runtime.get("web")).status.ports?.[0]?.hostPort ?? 0;
    expect(await voiyd.output("ps")).toContain(`127.0.0.1:${port}->80/tcp`);
    expect(await voiyd.output("exec", "web", "wget", "-qO-", "http://127.0.0.1/")).toContain("It runs.");
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toContain("It runs.");
    expect(await voiyd.output("logs", "web")).toBe("serving\n");
    await voiyd.output("stop", "-t", "0", "web");
    expect(await voiyd.output("ps", "-q")).toBe("");
    await voiyd.output("rm", "web");
  });

  test("is the log process too, and takes turns at it with one on Node.js", async (stage) => {
    const voiyd = await single(stage);
    const { runtime } = stage.main;
    const script = "until [ -e /go ]; do echo line; sleep 0.1; done; printf last";
    const run = ["run", "-d", "--name", "box", "--network", "none", "--log-driver", "local"];
    await voiyd.output(...run, stage.busybox, "sh", "-c", script);
    const first = await logProcesses(stage);
    expect([await programOf(first?.keeper), await programOf(first?.writer)]).toEqual([voiyd.path, voiyd.path]);
    // The one that Node.js would start is not needed.
    await logBox(stage, "other", "echo other");
    expect((await outputOf(runtime, "other")).stdout).toBe("other\n");
    expect((await logProcesses(stage))?.keeper).toBe(first?.keeper);
    await runtime.delete("other");

    process.kill(first?.writer ?? 0, "SIGKILL");
    const replaced = async (): Promise<number | undefined> => (await logProcesses(stage))?.writer;
    while ([undefined, first?.writer].includes(await replaced())) await sleep(20);
    expect(await programOf(await replaced())).toBe(voiyd.path);

    for (const pid of [first?.keeper, await replaced()]) process.kill(pid ?? 0, "SIGKILL");
    await logBox(stage, "other", "echo other");
    const second = await logProcesses(stage);
    expect(await programOf(second?.keeper)).toBe(process.execPath);
    expect(second?.containers).toBeGreaterThanOrEqual(1);
    await runtime.delete("other");
    await voiyd.output("exec", "box", "touch", "/go");
    await voiyd.output("wait", "box");
    expect(await voiyd.output("logs", "box")).toMatch(/^(?:line\n)+last$/);
    await voiyd.output("rm", "box");
  });
});
