import { describe, expect, test } from "@jest/globals";
import type { ContainerProcess } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings, NOW } from "../testing/fake-surroundings.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
const sh: ContainerProcess = {
  pid: 4711,
  parentPid: 4700,
  uid: 0,
  started: new Date(NOW.getTime() - 100_000),
  cpuMs: 25_000,
  // Of the first pseudo-terminal but two: major 136, minor 2.
  terminal: 0x8802,
  command: "sh",
  args: ["sh", "-c", "sleep\u001b[2J"],
};
const dead: ContainerProcess = { ...sh, pid: 4712, cpuMs: 3_725_000, terminal: 0, command: "defunct", args: [] };
const old: ContainerProcess = { ...sh, pid: 4713, started: new Date(NOW.getTime() - 3 * 24 * 3_600_000), cpuMs: 0 };

function host(): FakeSurroundings {
  return new FakeSurroundings(fakeRuntime([web], { top: async () => [sh, dead, old] }).runtime);
}

async function columns(option: string): Promise<readonly string[]> {
  const around = host();
  expect([await around.main("top", "web", "-o", option), around.stderr.text]).toEqual([0, ""]);
  return around.stdout.text
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}

describe("top", () => {
  test.each([[[]], [["-ef"]], [["-e", "-f"]]])("%j shows what ps -ef does", async (options) => {
    const around = host();
    expect(await around.main("top", "web", ...options)).toBe(0);
    const [header, first, second] = around.stdout.text.split("\n");
    expect(header).toMatch(/^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
    expect(first).toMatch(/^0 +4711 +4700 +25 +\d\d:\d\d +pts\/2 +00:00:25 +sh -c sleep\\x1b\[2J$/);
    expect(second).toMatch(/^0 +4712 .* \? +01:02:05 +\[defunct\]$/);
  });

  test.each<[string, string, string]>([
    ["pid", "PID", "4711"],
    ["comm", "COMMAND", "sh"],
    ["args", "COMMAND", "sh -c sleep\\x1b[2J"],
    ["%cpu", "%CPU", "25.0"],
    ["time", "TIME", "00:00:25"],
    ["ppid", "PPID", "4700"],
    ["uid", "UID", "0"],
    ["tty", "TTY", "pts/2"],
  ])("-o %s shows that column", async (name, header, cell) => {
    expect((await columns(name)).slice(0, 2)).toEqual([header, cell]);
  });

  test("several columns stand in the order that is asked for, and what began on another day is shown by its day", async () => {
    const lines = await columns("comm,pid,stime");
    expect(lines[0]).toMatch(/^COMMAND +PID +STIME$/);
    expect(lines[3]).toMatch(/^sh +4713 +[A-Z][a-z]{2}\d\d$/);
  });

  test.each([
    [["web", "-o", "pid,colour"], 'option -o does not know the column "colour"'],
    [["web", "-o", "toString"], 'option -o does not know the column "toString"'],
    [["web", "aux"], 'top does not know "aux"'],
    [["web", "-aux"], "unknown option: -a"],
  ])("%j is refused, and nobody is asked", async (argv, problem) => {
    const around = host();
    expect(await around.main("top", ...argv)).toBe(1);
    expect(around.stderr.text).toContain(problem);
    expect(around.composed).toEqual([]);
  });
});
