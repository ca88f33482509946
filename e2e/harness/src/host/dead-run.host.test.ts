import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, waitUntilGone } from "../process/end-process.js";
import { execute } from "../process/execute.js";
import { listProcesses } from "../process/process-table.js";
import { checkHost, formatMissing } from "../requirements/check-host.js";
import { processesOf } from "../teardown/remove-processes.js";
import { tracesOf } from "../testing/host-fixtures.js";
import { startPrivateHost } from "./private-host.js";
import { sweepStale } from "./sweep-stale.js";

const machine = await checkHost();
if (!machine.usable)
  console.warn(`skipped, because this machine cannot run a private host:\n${formatMissing(machine)}`);
const onHost = machine.usable ? describe : describe.skip;

onHost("a run that is ended from outside", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "voiyd-run-"));
    const sources = new URL("..", import.meta.url).pathname;
    const esbuild = new URL("../../../../node_modules/esbuild/bin/esbuild", import.meta.url).pathname;
    for (const name of ["host/private-host", "testing/host-fixtures"]) {
      const args = [
        join(sources, `${name}.ts`),
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--target=node20",
        `--outfile=${join(folder, `${name}.mjs`)}`,
        "--log-level=error",
      ];
      await execute(process.execPath, [esbuild, ...args]);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A process of its own that starts a host with a container, a bridge and a rule, says where, and waits. */
  async function startRun(): Promise<{ run: ChildProcess; host: { directory: string; bridge: string } }> {
    const script = `
      import { execFileSync } from "node:child_process";
      import { startPrivateHost } from ${JSON.stringify(join(folder, "host/private-host.mjs"))};
      import { runContainer } from ${JSON.stringify(join(folder, "testing/host-fixtures.mjs"))};
      const host = await startPrivateHost();
      await runContainer(host, "orphan");
      execFileSync("ip", ["link", "add", host.bridge, "type", "bridge"]);
      execFileSync("iptables", ["--wait", "-A", "FORWARD", "-i", host.bridge, "-j", "ACCEPT"]);
      console.log(JSON.stringify({ directory: host.directory, bridge: host.bridge }));
      setInterval(() => {}, 1000);`;
    const run = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const first: unknown = JSON.parse(String((await once(run.stdout, "data"))[0]));
    if (typeof first !== "object" || first === null || !("directory" in first) || !("bridge" in first))
      throw new Error("the run said nothing");
    return { run, host: { directory: String(first.directory), bridge: String(first.bridge) } };
  }

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s: removes its host, then ends by the signal",
    async (signal) => {
      const { run, host } = await startRun();
      expect((await tracesOf(host)).length).toBeGreaterThanOrEqual(6);
      run.kill(signal);
      expect(await once(run, "exit")).toEqual([null, signal]);
      expect(await tracesOf(host)).toEqual([]);
    },
  );

  test("SIGKILL: takes its daemon along, and the next run sweeps the rest; the living are not touched", async () => {
    await using living = await startPrivateHost();
    const { run, host } = await startRun();
    const daemon = processesOf(host.directory, listProcesses()).find((entry) => entry.commandLine.includes("--config"));
    run.kill("SIGKILL");
    await once(run, "exit");
    expect(daemon !== undefined && (await waitUntilGone(daemon, 20_000))).toBe(true);
    expect(processesOf(host.directory, listProcesses())).toHaveLength(1); // the shim lives on
    expect(await sweepStale()).toContain(host.directory);
    expect(await tracesOf(host)).toEqual([]);
    expect(await living.ctr("version")).toContain("Server:");
    expect(await sweepStale()).toEqual([]);
  });

  test("a process that will not end on SIGTERM is killed", async () => {
    const stubborn = spawn(
      process.execPath,
      ["-e", 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)'],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(stubborn.stdout, "data");
    const entry = listProcesses().find(({ pid }) => pid === stubborn.pid);
    const exit = once(stubborn, "exit");
    if (entry !== undefined) await endProcess(entry, 100);
    expect(await exit).toEqual([null, "SIGKILL"]);
  });
});
