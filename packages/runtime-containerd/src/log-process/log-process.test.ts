import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LogProcess } from "./log-process.js";
import { FOLDER, socketPath } from "./paths.js";
import type { ProgramCommand } from "./program-command.js";

let stateDir = "";
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "voiyd-log-process-"));
  await mkdir(join(stateDir, FOLDER));
});
afterEach(() => rm(stateDir, { recursive: true }));

/** Something that stands for the log process: tells with what it was started, answers one `attach`, and ends. */
function standIn(): ProgramCommand {
  const source = `
    const { writeFileSync } = require("node:fs");
    const socket = ${JSON.stringify(socketPath(stateDir))};
    const facts = { args: process.argv.slice(1), cwd: process.cwd(), env: Object.keys(process.env) };
    writeFileSync(${JSON.stringify(join(stateDir, "told"))}, JSON.stringify(facts));
    const server = require("node:net").createServer((client) => {
      client.once("data", (line) => {
        client.end('{"ok":true}\\n');
        if (String(line).includes("attach")) server.close();
      });
    });
    server.listen(socket, () => console.log("ready"));
  `;
  return [process.execPath, "--eval", source, "first"];
}

test("the log process is started as it is told to be: its own arguments, then the role and the folder", async () => {
  const lock = async <T>(_key: string, action: () => Promise<T>): Promise<T> => action();
  let asked = 0;
  const logs = new LogProcess(stateDir, lock, () => {
    asked++;
    return standIn();
  });
  expect(await logs.tell()).toBeUndefined();
  expect(asked).toBe(0);
  await logs.attach("default-web", {});
  expect(asked).toBe(1);
  // Nothing of ours but the PATH: it outlives us, and is everybody's.
  expect(JSON.parse(await readFile(join(stateDir, "told"), "utf8"))).toEqual({
    args: ["first", "keep", stateDir],
    cwd: "/",
    env: ["PATH"],
  });
});
