import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { checkHost, formatMissing, sweepStale } from "@voiyd/harness";
import { describeOnHost } from "../fixture/on-host.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const report = await checkHost();
if (report.missing.length > 0) process.stderr.write(`skipped: the quickstart: ${formatMissing(report)}\n`);
const onHost = report.missing.length > 0 ? describe.skip : describe;

/** The command, without npm in front of it. */
const quickstart = (...args: readonly string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ["tools/quickstart.mjs", ...args], { cwd: root });

/** Starts the command and ends all of it, as nothing can prevent, when it says `text`; resolves with what it said. */
async function killedAt(text: string): Promise<string> {
  const child = spawn(process.execPath, ["tools/quickstart.mjs"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own, with whatever it starts.
    detached: true,
  });
  let said = "";
  const closed = once(child, "close");
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (said.includes(text) && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  });
  await closed;
  return said;
}

onHost("the quickstart", () => {
  test("after a first one was killed half-way, goes the whole way, twice, and says how long it took", async () => {
    expect(await killedAt("Running it")).not.toContain("HTTP 200");
    for (let time = 0; time < 2; time++) {
      const { stdout } = await quickstart();
      expect(stdout).toContain("HTTP 200");
      expect(stdout).toContain("nothing: no task");
      expect(stdout).toMatch(/All in all, from the checkout: \d+ s\.\n$/);
    }
    // What the killed one has left was taken away by the next.
    expect(await sweepStale()).toEqual([]);
  });
});

await describeOnHost("the quickstart with an image of one's own", (test) => {
  test("asks the port that the image exposes", async (stage) => {
    const image = await stage.publishBusybox("test/exposes", {
      config: { cmd: ["httpd", "-f", "-p", "8081", "-h", "/www"], exposedPorts: ["8081/tcp"] },
    });
    const { stdout } = await quickstart(image);
    expect(stdout).toContain("→ 8081");
    expect(stdout).toContain("HTTP 200");
    expect(stdout).toContain("nothing: no task");
  });

  test("says that an image is no web server, and goes on", async (stage) => {
    const image = await stage.publishBusybox("test/speaks", { config: { cmd: ["echo", "hello from inside"] } });
    const { stdout } = await quickstart(image);
    expect(stdout).toContain("no web server: the container has ended with exit code 0");
    expect(stdout).toContain("│ hello from inside");
    expect(stdout).toContain("nothing: no task");
  });

  test("that does not exist fails in one line, and leaves nothing", async (stage) => {
    await expect(quickstart(`${stage.registry.host}/test/none`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${stage.registry.host}/test/none`),
    });
    expect(await sweepStale()).toEqual([]);
  });
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("skipped: the command without root, because only root can become somebody else\n");

describe("the command", () => {
  (isRoot ? test : test.skip)("without root says what is missing, and does nothing", async () => {
    const refused = run(process.execPath, ["tools/quickstart.mjs"], { cwd: root, uid: 65_534, gid: 65_534 });
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("Root is needed"),
    });
  });

  test.each(["darwin", "win32"])("on %s says what is missing, and does nothing", async (platform) => {
    const hook = `Object.defineProperty(process, "platform", { value: "${platform}" })`;
    const refused = run(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, "tools/quickstart.mjs"],
      { cwd: root },
    );
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: "Linux is needed: containers are a feature of its kernel.\n",
    });
  });

  test("with a port that is none says so, and does nothing", async () => {
    await expect(quickstart("nginx", "http")).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("http is not a port."),
    });
  });
});

test(".ci/run calls npm test, and fails when it fails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-ci-"));
  try {
    await writeFile(join(folder, "npm"), '#!/bin/sh\necho "npm $*"\nexit 3\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const outcome = run(join(root, ".ci/run"), [], { cwd: folder, env });
    await expect(outcome).rejects.toMatchObject({ code: 3, stdout: "npm test --silent\n" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
