import type { Scenario } from "../scenario.js";
import { cliPs, cliVersion } from "./cli.js";
import { deleteRunning } from "./delete.js";
import { fiftyRuns } from "./fifty-runs.js";
import { idleMemory } from "./idle-memory.js";
import { largeMessages } from "./large-messages.js";
import { listThousand } from "./list-thousand.js";
import { pull } from "./pull.js";
import { runToExit } from "./run-to-exit.js";
import { runWithNetwork, runWithPort } from "./run-with-network.js";
import { runWithoutNetwork } from "./run-without-network.js";
import { unaryAtOnce, unarySequential } from "./unary.js";

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  unarySequential,
  unaryAtOnce,
  largeMessages,
  listThousand,
  runWithoutNetwork,
  runWithNetwork,
  runWithPort,
  runToExit,
  fiftyRuns,
  deleteRunning,
  pull,
  cliVersion,
  cliPs,
  idleMemory,
];
