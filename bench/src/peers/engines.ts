import type { MissingPeer } from "../scenario.js";
import { findProgram, runProgram } from "./program.js";

/** A program that runs containers through a daemon or a configuration of its own. */
export interface Engine {
  readonly name: string;
  readonly path: string;
  /** Options in front of every command: the registry has no TLS. */
  readonly before: readonly string[];
  /** Options of `pull`, for the same reason. */
  readonly pull: readonly string[];
  /** Options of `run`. */
  readonly run: readonly string[];
}

export interface Engines {
  readonly ready: readonly Engine[];
  readonly missing: readonly MissingPeer[];
}

/** What to ask an engine, to hear whether it works at all, and its options. */
const ENGINES: Readonly<Record<string, Pick<Engine, "before" | "pull" | "run"> & { question: readonly string[] }>> = {
  docker: { question: ["info", "--format", "{{.ServerVersion}}"], before: [], pull: [], run: [] },
  podman: {
    question: ["info", "--format", "{{.Version.Version}}"],
    // The runtime that the others use: crun, its default, refuses hosts that have both versions of control groups.
    before: ["--runtime", "runc"],
    pull: ["--tls-verify=false"],
    // Its own default limits are higher than some hosts allow.
    run: ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"],
  },
  nerdctl: {
    question: ["version", "--format", "{{.Client.Version}}"],
    before: ["--insecure-registry"],
    pull: [],
    run: [],
  },
};

/** Which of the engines run containers of this image here, and why the others do not. The image is pulled. */
export async function findEngines(env: NodeJS.ProcessEnv, image: string): Promise<Engines> {
  const ready: Engine[] = [];
  const missing: MissingPeer[] = [];
  for (const [name, { question, ...options }] of Object.entries(ENGINES)) {
    const path = await findProgram(name);
    if (path === undefined) missing.push({ name, why: "not installed" });
    else {
      const engine = { name, path, ...options };
      const problem = await tryEngine(engine, question, env, image);
      if (problem === undefined) ready.push(engine);
      else missing.push({ name, why: problem });
    }
  }
  return { ready, missing };
}

/** Why an engine cannot take part; undefined where it can. */
async function tryEngine(
  { name, path, before, pull, run }: Engine,
  question: readonly string[],
  env: NodeJS.ProcessEnv,
  image: string,
): Promise<string | undefined> {
  const trials = [
    question,
    [...before, "pull", ...pull, image],
    [...before, "run", "--rm", "--network", "none", ...run, image, "true"],
  ];
  for (const args of trials) {
    try {
      await runProgram(path, args, { env });
    } catch (error) {
      const lines = error instanceof Error ? error.message.trim().split("\n") : [];
      return `installed, but \`${name} ${args[before.length] ?? ""}\` fails: ${lines.at(-1) ?? ""}`;
    }
  }
  return undefined;
}
