import { fileURLToPath } from "node:url";
import { runProgram } from "../peers/program.js";
import type { Scenario } from "../scenario.js";
import { NAMESPACE, type Stage } from "../stage/stage.js";

/** Says how much memory it has, in bytes, when it has nothing to do. */
const TELL = `
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let turn = 0; turn < 3; turn++) globalThis.gc();
  console.log(process.memoryUsage.rss());
  process.exit(0);
`;

const CLIENT = `
  import { ContainerdClient } from "@voiyd/containerd-client";
  const client = new ContainerdClient({ address: process.env.CONTAINERD_ADDRESS, namespace: "${NAMESPACE}" });
  await client.version.version({});
  ${TELL}
`;

/** Where the programs' imports are resolved from: this package. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

async function megabytes(stage: Stage, source: string): Promise<number> {
  const args = ["--expose-gc", "--input-type=module", "--eval", source];
  return Number(await runProgram(process.execPath, args, { env: stage.env, cwd: PACKAGE })) / 1e6;
}

export const idleMemory: Scenario = {
  name: "idle-memory",
  title: "resident memory of an idle client",
  unit: "MB",
  rounds: 7,
  targets: [{ against: "bare Node.js", atMost: 25, difference: true }],
  open: async (stage) => ({
    contenders: [
      { name: "voiyd", role: "ours", sample: () => megabytes(stage, CLIENT) },
      { name: "bare Node.js", role: "floor", sample: () => megabytes(stage, TELL) },
    ],
    missing: [],
    close: async () => undefined,
  }),
};
