// What V8 compiles of the program when it is used: the executable has it within it, as no run of it could keep anything.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RECORD = fileURLToPath(new URL("record.cjs", import.meta.url));

/** Short commands, for which the start is what takes time. These find a daemon that has nothing. */
const ASKING = [
  ["ps"],
  ["ps", "-a"],
  ["images"],
  ["logs", "web"],
  ["exec", "web", "true"],
  ["stop", "web"],
  ["rm", "web"],
];
/** These would do something, and find none. */
const DOING = [["run", "--rm", "-p", "80", "busybox", "true"], ["pull", "busybox"], ["--help"]];

/** What was compiled, by command and file, as `ps/program.js`; each run adds to what one before has left for the same. */
export async function compiledCode(program, main) {
  const folder = mkdtempSync(join(tmpdir(), "voiyd-compiled-"));
  const code = join(folder, "code");
  mkdirSync(code);
  const server = emptyDaemon();
  try {
    await once(server.listen(join(folder, "socket")), "listening");
    for (const command of ASKING) await record(join(folder, "socket"), [program, main, code, ...command]);
    for (const command of DOING) await record(join(folder, "absent"), [program, main, code, ...command]);
    const names = readdirSync(code).flatMap((command) =>
      readdirSync(join(code, command)).map((name) => `${command}/${name}`),
    );
    return names.map((name) => [name, readFileSync(join(code, name))]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Most end with an error of the program's; none may be killed. */
async function record(address, args) {
  const env = { CONTAINERD_ADDRESS: address, PATH: process.env.PATH };
  const child = spawn(process.execPath, [RECORD, ...args], { env, stdio: "ignore" });
  const [, signal] = await once(child, "close");
  if (signal !== null) throw new Error(`${args.join(" ")} was ended by ${signal}`);
}

/** A daemon with nothing in it: the empty message, which is five zeros on the wire, answers every call but a stream's. */
function emptyDaemon() {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(headers[":path"].endsWith("Stream") ? "" : Buffer.alloc(5));
  });
  return server;
}
