import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { outputOf } from "../fixture/collect.js";
import type { Stage } from "../fixture/stage.js";

/** What a process inside a container finds, by the name of the property. */
export type Findings = Readonly<Record<string, string>>;

interface Questions {
  readonly masked: readonly string[];
  readonly readonly: readonly string[];
  /** Each property, and how a shell that has nothing but busybox finds it out. */
  readonly questions: Readonly<Record<string, string>>;
}

/** In a file, because the program that asks Docker's containers reads them too. */
const QUESTIONS = join(import.meta.dirname, "fixtures/probe.json");
const MARK = "=== ";

function script(): string {
  const { masked, readonly, questions } = readQuestions();
  const lists = [`MASKED="${masked.join(" ")}"`, `READONLY="${readonly.join(" ")}"`];
  return [...lists, ...Object.entries(questions).map(([name, question]) => `echo "${MARK}${name}"; ${question}`)].join(
    "\n",
  );
}

function readQuestions(): Questions {
  const value: unknown = JSON.parse(readFileSync(QUESTIONS, "utf8"));
  if (!isQuestions(value)) throw new TypeError(`${QUESTIONS} holds no questions`);
  return value;
}

function isQuestions(value: unknown): value is Questions {
  return (
    typeof value === "object" && value !== null && "questions" in value && "masked" in value && "readonly" in value
  );
}

/** Runs a container that looks around in itself, and deletes it. */
export async function probe(stage: Stage, config: Partial<ContainerConfig> = {}): Promise<Findings> {
  const output = await runToEnd(stage, { entrypoint: ["/bin/sh", "-c", script()], ...config });
  return readFindings(output);
}

/** What the script wrote, by property. */
export function readFindings(output: string): Findings {
  return Object.fromEntries(
    output.split(MARK).flatMap((part) => {
      const end = part.indexOf("\n");
      return end === -1 ? [] : [[part.slice(0, end), part.slice(end + 1).trim()] as const];
    }),
  );
}

/** What a container writes to its standard output until it ends; deletes it. Fails when it writes errors. */
export async function runToEnd(stage: Stage, config: Partial<ContainerConfig>): Promise<string> {
  const { runtime } = stage.main;
  const name = `probe-${String(Math.trunc(performance.now() * 1000))}`;
  try {
    await runtime.run({ meta: { name }, config: { image: stage.busybox, network: "none", ...config } });
    const { stdout, stderr } = await outputOf(runtime, name);
    if (stderr !== "") throw new Error(`the probe wrote to its standard error: ${stderr}`);
    return stdout;
  } finally {
    await runtime.delete(name);
  }
}
