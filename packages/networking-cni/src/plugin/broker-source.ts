/**
 * The program of the broker, as CommonJS for `node --eval`: a file of its own could not be found from both builds of this
 * package. It only starts programs and collects what they write; when to end them is decided by who asked. Messages:
 * `{ id, file, args, env, stdin, limit, linger }` starts one, `{ id, kill }` ends its group. Answer: `{ id, outcome }` or
 * `{ id, error }`.
 */
export const BROKER_SOURCE: string = `
"use strict";
const { spawn } = require("node:child_process");
const groups = new Map();
const kill = (id, signal) => {
  const pid = groups.get(id);
  if (pid === undefined) return;
  try { process.kill(-pid, signal); } catch (error) { if (error.code !== "ESRCH") throw error; }
};
const start = ({ id, file, args, env, stdin, limit, linger }) => {
  const started = performance.now();
  const child = spawn(file, args, { env, cwd: "/", detached: true, stdio: "pipe" });
  let overflowed = false;
  const collect = (stream) => {
    const chunks = [];
    let length = 0;
    stream.on("error", () => undefined);
    stream.on("data", (chunk) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else { overflowed = true; kill(id, "SIGKILL"); }
    });
    return () => Buffer.concat(chunks).toString("utf8");
  };
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  let timer;
  if (child.pid !== undefined) groups.set(id, child.pid);
  child.once("error", (error) => { groups.delete(id); process.send({ id, error: error.code || error.message }); });
  child.once("exit", () => {
    timer = setTimeout(() => { kill(id, "SIGKILL"); child.stdout.destroy(); child.stderr.destroy(); }, linger);
  });
  child.once("close", (exitCode, signal) => {
    clearTimeout(timer);
    if (child.pid === undefined) return;
    groups.delete(id);
    const durationMs = performance.now() - started;
    process.send({ id, outcome: { exitCode, signal, stdout: stdout(), stderr: stderr(), overflowed, durationMs } });
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
};
process.on("message", (message) => {
  if (message.kill === undefined) start(message);
  else kill(message.id, message.kill);
});
process.once("disconnect", () => process.exit(0));
`;
