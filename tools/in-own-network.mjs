// Runs a command in a network namespace of its own, so that bridges, addresses, rules and ports of the tests meet nobody
// else's: `node in-own-network.mjs COMMAND [ARGUMENT…]`. Who may not make one gets the command as it is; its tests then
// say what they lack.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const command = process.argv.slice(2);
const inside = 'ip link set lo up && exec "$@"';
const isolated = ["unshare", "--net", "--", "sh", "-ec", inside, "sh", ...command];
const [file, ...args] = process.getuid?.() === 0 ? isolated : command;

// Programs to be tested in the place of the machine's. Here, because what starts this puts folders of its own in front (Nx: that of
// Node.js, where the machine's containerd can be too).
const { VOIYD_HARNESS_PROGRAMS: programs, PATH = "" } = process.env;
const env = programs === undefined ? process.env : { ...process.env, PATH: `${programs}:${PATH}` };

const child = spawn(file, args, { stdio: "inherit", env });
// The terminal's signals reach the child as well; what is sent to this process alone is handed on.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.on("SIGINT", () => undefined);
child.once("error", (error) => {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 127;
});
child.once("exit", (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
