import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { runModule } from "../testing/run-module.js";
import { createProcessIdentity } from "./process-identity.js";

const BOOT = "3b3c0a2e-0000-4000-8000-000000000001";
const processes = createProcessIdentity(BOOT);

describe("a process's identity", () => {
  test("is its pid, its start and the boot", () => {
    const [pid, started, boot, ...more] = processes.self.split(":");
    expect(pid).toBe(String(process.pid));
    expect(started).toMatch(/^[1-9][0-9]*$/);
    expect(boot).toBe(BOOT);
    expect(more).toEqual([]);
  });

  test("stays the same", () => {
    expect(createProcessIdentity(BOOT).self).toBe(processes.self);
  });

  test("says that a process lives, and later that it does not", async () => {
    const source = `
      import { createHost } from "@voiyd/runtime-containerd";
      console.log(createHost().processes.self);
      console.log(createHost().facts.bootId);
      setTimeout(() => {}, 600_000);
    `;
    await using other = runModule(source);
    const [identity, bootId] = [await other.line(), await other.line()];
    const here = createProcessIdentity(bootId);
    expect(identity.startsWith(`${String(other.pid)}:`)).toBe(true);
    expect(here.isAlive(identity)).toBe(true);
    expect(here.isAlive(here.self)).toBe(true);
    other.kill("SIGKILL");
    await other.ended;
    expect(here.isAlive(identity)).toBe(false);
  });

  test("is dead when the pid has been given out again, or the host was booted", () => {
    const [pid = "", started = ""] = processes.self.split(":");
    expect(processes.isAlive(processes.self)).toBe(true);
    expect(processes.isAlive(`${pid}:${String(Number(started) - 1)}:${BOOT}`)).toBe(false);
    expect(processes.isAlive(`${pid}:${started}:another-boot`)).toBe(false);
  });

  test.each([
    [""],
    [":"],
    ["::"],
    [`0:0:${BOOT}`],
    [`-1:1:${BOOT}`],
    [`self:1:${BOOT}`],
    [`1/../self:1:${BOOT}`],
    [`1e1:1:${BOOT}`],
  ])("is dead when it is %j, which is none", (identity) => {
    expect(processes.isAlive(identity)).toBe(false);
  });

  test("is dead for any other text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pid, started) => {
        const identity = `${pid}:${started}:${BOOT}`;
        expect(processes.isAlive(identity)).toBe(identity === processes.self);
      }),
    );
  });
});
