import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { checkHost, formatMissing } from "@voiyd/harness";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const report = await checkHost();
if (report.missing.length > 0) process.stderr.write(`skipped: the quickstart: ${formatMissing(report)}\n`);

const quickstart = (...args: readonly string[]): Promise<{ stdout: string }> =>
  run(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `const { quickstart } = await import("@voiyd/examples"); await quickstart(${args.join(", ")})`,
    ],
    {
      cwd: root,
    },
  );

(report.missing.length > 0 ? describe.skip : describe)("the quickstart", () => {
  test("goes the whole way, twice, and says how long it took", async () => {
    for (let time = 0; time < 2; time++) {
      const { stdout } = await quickstart();
      expect(stdout).toContain("HTTP 200");
      expect(stdout).toContain("nothing: no task");
      expect(stdout).toMatch(/whole life, in \d+\.\d s\./);
    }
  }, 120_000);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("skipped: the command without root, because only root can become somebody else\n");

(isRoot ? describe : describe.skip)("the command", () => {
  test("without root says what is missing, and does nothing", async () => {
    const answer = await run(process.execPath, ["tools/quickstart.mjs"], { cwd: root, uid: 65_534, gid: 65_534 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining("Root is needed") });
  });
});
