// Runs a command in a network namespace of its own, so that bridges, addresses, rules and ports of the tests meet nobody
// else's: `node in-own-network.mjs COMMAND [ARGUMENT…]`. Who may not make one gets the command as it is; its tests then
// say what they lack.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const command = process.argv.slice(2);
const inside = 'ip link set lo up && exec "$@"';
const isolated = ["unshare", "--net", "--", "sh", "-ec", inside, "sh", ...command];
const [file, ...args] = process.getuid?.() === 0 ? isolated : command;

const child = spawn(file, args, { stdio: "inherit" });
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
