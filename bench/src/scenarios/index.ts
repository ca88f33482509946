import type { Scenario } from "../scenario.js";
import { cliPs, cliPsSingle, cliRun, cliVersion, cliVersionSingle } from "./cli.js";
import { deleteRunning } from "./delete.js";
import { events } from "./events.js";
import { execTrue, fiftyExecs } from "./exec.js";
import { fiftyRuns } from "./fifty-runs.js";
import { busyMemory, idleMemory } from "./memory.js";
import { largeMessages } from "./large-messages.js";
import { listThousand } from "./list-thousand.js";
import { loggingMemory } from "./logging-memory.js";
import { logsFollow, logsRead } from "./logs.js";
import { pull, pullSmall } from "./pull.js";
import { pullMemory } from "./pull-memory.js";
import { runToExit } from "./run-to-exit.js";
import { runWithLeanNetwork, runWithNetwork, runWithPort } from "./run-with-network.js";
import { runWithoutNetwork } from "./run-without-network.js";
import { stopRunning } from "./stop.js";
import { unaryAtOnce, unarySequential } from "./unary.js";

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  unarySequential,
  unaryAtOnce,
  largeMessages,
  events,
  listThousand,
  runWithoutNetwork,
  runWithNetwork,
  runWithPort,
  runWithLeanNetwork,
  runToExit,
  fiftyRuns,
  stopRunning,
  deleteRunning,
  execTrue,
  fiftyExecs,
  logsRead,
  logsFollow,
  pull,
  pullSmall,
  pullMemory,
  cliVersion,
  cliVersionSingle,
  cliPs,
  cliPsSingle,
  cliRun,
  idleMemory,
  busyMemory,
  loggingMemory,
];
