import { cpus, release, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import { runProgram } from "../peers/program.js";

/** What the figures were measured on. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly containerd: string;
  readonly runc: string;
}

export async function describeMachine(containerd: string, env: NodeJS.ProcessEnv): Promise<Machine> {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? "unknown",
    processors: processors.length,
    memoryGB: Math.round(totalmem() / 1e9),
    system: await systemName(),
    kernel: release(),
    node: process.version,
    containerd,
    runc: (await runProgram("runc", ["--version"], { env })).split("\n")[0] ?? "unknown",
  };
}

async function systemName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1] ?? "Linux";
}

export function machineText(machine: Machine): string {
  const { date, processors, processor, memoryGB, system, kernel, node, containerd, runc } = machine;
  return `${date}; ${processors} × ${processor}, ${memoryGB} GB; ${system}, Linux ${kernel}; Node.js ${node}; ${containerd}; ${runc}`;
}
