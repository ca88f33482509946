import type { MissingPeer } from "../scenario.js";
import { findProgram, runProgram } from "./program.js";

/** Programs that run containers through a daemon or a configuration of their own, and how to ask whether they can. */
const ENGINES: Readonly<Record<string, readonly string[]>> = {
  docker: ["info", "--format", "{{.ServerVersion}}"],
  podman: ["info", "--format", "{{.Version.Version}}"],
  nerdctl: ["version", "--format", "{{.Client.Version}}"],
};

export interface Engines {
  readonly ready: readonly { readonly name: string; readonly path: string }[];
  readonly missing: readonly MissingPeer[];
}

/** Which of the engines can be asked to run containers here, and why the others cannot. */
export async function findEngines(env: NodeJS.ProcessEnv): Promise<Engines> {
  const ready: { name: string; path: string }[] = [];
  const missing: MissingPeer[] = [];
  for (const [name, question] of Object.entries(ENGINES)) {
    const path = await findProgram(name);
    if (path === undefined) missing.push({ name, why: "not installed" });
    else {
      try {
        await runProgram(path, question, { env });
        ready.push({ name, path });
      } catch {
        missing.push({ name, why: `installed, but \`${name} ${question[0] ?? ""}\` fails` });
      }
    }
  }
  return { ready, missing };
}
