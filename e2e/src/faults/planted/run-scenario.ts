import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import {
  checkFileModes,
  checkInvariants,
  diffInventory,
  formatDifference,
  type LeakInventory,
  takeInventory,
} from "@voiyd/harness";
import type { Stage } from "../../fixture/stage.js";
import type { CompiledProgram } from "../compiled-program.js";
import { describeHost, programEnvironment } from "../host-description.js";
import type { Patch } from "./defects.js";
import type { Task, Word } from "./program/main.js";
import type { ScenarioName } from "./program/scenarios.js";

/** A scenario that does not end by itself is ended, in milliseconds. */
const LONGEST_MS = 30_000;

export interface Trial {
  readonly scenario: ScenarioName;
  /** None for the code as it is. */
  readonly patches: readonly Patch[];
  /** The image that is there for the pulling. */
  readonly pulled: string;
  /** Whether the host is looked at too while containers run. */
  readonly looksAtRest: boolean;
  /** How long the host may take to come to rest afterwards, in milliseconds. */
  readonly settleMs: number;
}

const PAUSE_MS = 200;
/** How long something that is ending may take to be gone, in milliseconds. */
const ENDING_MS = 5_000;

/** Runs a scenario in a process of its own; resolves with everything that was not as it should have been. */
export async function runScenario(
  stage: Stage,
  program: CompiledProgram,
  before: LeakInventory,
  trial: Trial,
): Promise<readonly string[]> {
  const problems = await inProcess(stage, program, trial);
  const end = performance.now() + trial.settleMs;
  for (;;) {
    const left = await lookAt(stage, before, trial.scenario);
    if (left.length === 0 || performance.now() >= end) return [...problems, ...left];
    await sleep(PAUSE_MS);
  }
}

/** Who was killed with the name in his hand has left it; whoever comes next frees it. */
async function lookAt(stage: Stage, before: LeakInventory, scenario: ScenarioName): Promise<readonly string[]> {
  const [inventory, modes] = await Promise.all([takeInventory(stage.host), checkFileModes(stage.host)]);
  const ignore = scenario === "cut" ? (["leases"] as const) : [];
  const rules = [...checkInvariants(inventory), ...modes].filter(({ rule }) => scenario !== "cut" || rule !== "I-5");
  const differences = diffInventory(before, inventory, { ignore });
  return [
    ...(differences.length === 0 ? [] : [formatDifference(differences)]),
    ...rules.map(({ rule, what }) => `${rule}: ${what}`),
  ];
}

/** What is against the rules while containers run: a shim of a container that was refused may be ending just now. */
async function violations(stage: Stage): Promise<string[]> {
  const end = performance.now() + ENDING_MS;
  for (;;) {
    const [inventory, modes] = await Promise.all([takeInventory(stage.host), checkFileModes(stage.host)]);
    const found = [...checkInvariants(inventory), ...modes].map(({ rule, what }) => `${rule}: ${what}`);
    if (found.length === 0 || performance.now() >= end) return found;
    await sleep(PAUSE_MS);
  }
}

async function inProcess(stage: Stage, program: CompiledProgram, trial: Trial): Promise<string[]> {
  const task: Task = {
    host: describeHost(stage.host),
    scenario: trial.scenario,
    image: stage.busybox,
    pulled: trial.pulled,
    ...(await identities()),
  };
  const child = spawn(
    process.execPath,
    [`--import=${program.path("with-patches.js")}`, program.path("main.js"), JSON.stringify(task)],
    {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...programEnvironment(), VOIYD_PLANTED: JSON.stringify(trial.patches) },
      timeout: LONGEST_MS,
      killSignal: "SIGKILL",
    },
  );
  const closed = once(child, "close");
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const problems: string[] = [];
  let last: Word | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const word = JSON.parse(line) as Word;
    if (word.atRest === true) {
      if (trial.looksAtRest) problems.push(...(await violations(stage)).map((text) => `while it runs: ${text}`));
      child.stdin.write("go on\n");
    } else last = word;
  }
  await closed;
  if (last === undefined) {
    if (trial.scenario !== "cut" || child.signalCode !== "SIGKILL") throw new Error(`the scenario died: ${said}`);
  } else {
    problems.push(...last.problems);
    if (child.exitCode !== 0) problems.push(`the process does not end: ${child.signalCode ?? String(child.exitCode)}`);
  }
  return problems;
}

/** This process, and one that had its pid before it. */
async function identities(): Promise<Pick<Task, "living" | "recycled">> {
  const stat = await readFile(`/proc/${String(process.pid)}/stat`, "utf8");
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return {
    living: `${String(process.pid)}:${started}:${boot}`,
    recycled: `${String(process.pid)}:1:${boot}`,
  };
}
