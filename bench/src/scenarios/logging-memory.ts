import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";
import { PROGRAM } from "./cli.js";

/** Containers that are started, or deleted, at the same time. */
const BATCH = 10;
const PAUSE_MS = 50;
/** What was just used stays in memory for a moment. */
const REST_MS = 2_000;

const AT_FIRST = "the same, before anything was logged";

/** Waits for the next word, writes so many bytes to each stream, and says that it has. */
function script(name: string, bytes: number, pauseSeconds: number): string {
  const write = `head -c ${bytes} /dev/zero | tr '\\0' x`;
  const turn = `until [ -e /words/$n ]; do sleep ${pauseSeconds}; done; ${write}; ${write} >&2; touch /words/$n-${name}`;
  return `n=1; while :; do ${turn}; n=$((n+1)); done`;
}

/** All that stays while containers run and log: both halves of the host's log process, and a supervisor. */
export const loggingMemory: Scenario = {
  name: "logging-memory",
  title:
    "resident memory of the log process and the supervisor of 200 running containers, each time each has logged 1 MB",
  unit: "MB",
  rounds: 20,
  warmUp: 0,
  targets: [{ against: AT_FIRST, atMost: 10, difference: true }],
  async open(stage, scale: Scale) {
    const count = scale.pick(200, 2);
    const bytes = scale.pick(500_000, 50_000);
    const names = Array.from({ length: count }, (_, index) => `logging-${index}`);
    const words = join(stage.directory, "words");
    await mkdir(words, { recursive: true });
    const inBatches = async (work: (name: string) => Promise<unknown>): Promise<void> => {
      for (let at = 0; at < count; at += BATCH) await Promise.all(names.slice(at, at + BATCH).map(work));
    };
    const supervisor = spawn(process.execPath, [PROGRAM, "system", "supervise"], {
      env: stage.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const close = async (): Promise<void> => {
      await end(supervisor);
      await inBatches((name) => stage.runtime.delete(name));
    };
    try {
      await once(supervisor.stdout, "data");
      await inBatches((name) =>
        stage.runtime.run({
          meta: { name },
          config: {
            image: stage.busybox,
            args: ["sh", "-c", script(name, bytes, scale.pick(2, 0.1))],
            network: "none",
            mounts: [{ type: "bind", source: words, destination: "/words" }],
            logging: { driver: "local", maxSize: 1_000_000, maxFiles: 2 },
            restartPolicy: { name: "always" },
          },
        }),
      );
      await sleep(scale.pick(REST_MS, 0));
      const atFirst = await residentMegabytes(stage, supervisor);
      let turn = 0;
      const allLog = async (): Promise<number> => {
        turn += 1;
        await writeFile(join(words, String(turn)), "");
        for (const name of names) while (!existsSync(join(words, `${String(turn)}-${name}`))) await sleep(PAUSE_MS);
        await sleep(scale.pick(REST_MS, 0));
        return residentMegabytes(stage, supervisor);
      };
      return {
        contenders: [
          { name: "voiyd", role: "ours", sample: allLog },
          { name: AT_FIRST, role: "floor", sample: () => Promise.resolve(atFirst) },
        ],
        missing: [],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

async function residentMegabytes(stage: Stage, { pid }: ChildProcess): Promise<number> {
  if (pid === undefined) throw new Error("the supervisor was not started");
  const sizes = await Promise.all([pid, ...(await logProcesses(stage))].map(residentBytes));
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}

async function residentBytes(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+([0-9]+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no memory`);
  return Number(kilobytes) * 1024;
}

/** Asks the host's log process which processes it consists of. */
async function logProcesses({ host }: Stage): Promise<readonly number[]> {
  const socket = connect(join(host.stateDir, "log-process", "socket"));
  socket.write('{"do":"tell"}\n');
  let text = "";
  for await (const piece of socket.setEncoding("utf8")) text += String(piece);
  const answer: unknown = JSON.parse(text);
  const entries = typeof answer === "object" && answer !== null ? Object.entries(answer) : [];
  const found = entries.flatMap(([key, value]) =>
    (key === "writer" || key === "keeper") && typeof value === "number" ? [value] : [],
  );
  if (found.length !== 2) throw new Error(`the log process has answered ${text}`);
  return found;
}
