import { FILE_FLAGS } from "./run/files.js";
import { HEALTH_FLAGS } from "./run/health.js";
import { LIFE_FLAGS } from "./run/life.js";
import { LIMIT_FLAGS } from "./run/limits.js";
import { LOGGING_FLAGS } from "./run/logging.js";
import { NAMESPACE_FLAGS } from "./run/namespaces.js";
import { NETWORK_FLAGS } from "./run/network.js";
import { PROCESS_FLAGS } from "./run/process.js";
import { TERMINAL_FLAGS } from "./run/terminal.js";
import { REFUSED_FLAGS } from "./run/refused.js";
import { RIGHTS_FLAGS } from "./run/rights.js";
import type { RunFlags } from "./run/run-flag.js";

/**
 * What `voiyd run` takes, spelled as Docker and nerdctl spell it. A further flag is one entry of one of these tables: its
 * grammar, its help and what it writes into the request.
 */
export const RUN_OPTIONS: RunFlags = {
  ...LIFE_FLAGS,
  ...HEALTH_FLAGS,
  ...LOGGING_FLAGS,
  ...PROCESS_FLAGS,
  ...TERMINAL_FLAGS,
  ...NAMESPACE_FLAGS,
  ...NETWORK_FLAGS,
  ...FILE_FLAGS,
  ...RIGHTS_FLAGS,
  ...LIMIT_FLAGS,
  ...REFUSED_FLAGS,
};
