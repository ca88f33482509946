import { describe, expect, test } from "@jest/globals";
import { execute, ExecuteError } from "./execute.js";

const node = (script: string, options?: Parameters<typeof execute>[2]) =>
  execute(process.execPath, ["-e", script], options);

describe("execute", () => {
  test("both outputs and the input pass", async () => {
    const script = 'process.stdin.on("data", (text) => { process.stdout.write(text); process.stderr.write("err"); })';
    expect(await node(script, { input: "in" })).toEqual({ exitCode: 0, stdout: "in", stderr: "err" });
  });

  test("an exit code that is not accepted is thrown with what the program said", async () => {
    const failure = node('process.stderr.write("no good"); process.exitCode = 3');
    await expect(failure).rejects.toMatchObject({ name: "ExecuteError", exitCode: 3, stderr: "no good" });
    await expect(failure).rejects.toThrow("ended with exit code 3: no good");
  });

  test("an accepted exit code is a result", async () => {
    expect((await node("process.exitCode = 3", { accept: [3] })).exitCode).toBe(3);
    expect((await node("process.exitCode = 4", { accept: "any" })).exitCode).toBe(4);
    await expect(node("process.exitCode = 4", { accept: [3] })).rejects.toBeInstanceOf(ExecuteError);
  });

  test("a program that is not there is named", async () => {
    await expect(execute("voiyd-no-such-program", [])).rejects.toMatchObject({
      code: "ENOENT",
      file: "voiyd-no-such-program",
    });
  });

  test("an argument is never taken for shell code", async () => {
    expect((await execute("printf", ["%s", "$(id) ; * `x`"])).stdout).toBe("$(id) ; * `x`");
  });

  test("abort ends the program and rejects with the reason", async () => {
    const reason = new Error("enough");
    await expect(node("setInterval(() => {}, 1000)", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("a program that does not end in time is killed", async () => {
    await expect(node("setInterval(() => {}, 1000)", { timeoutMs: 200 })).rejects.toThrow("was killed by SIGKILL");
  });
});
