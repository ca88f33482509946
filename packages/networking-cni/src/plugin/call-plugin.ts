import { RuntimeError } from "@voiyd/runtime-api";
import type { JsonObject } from "../protocol/json.js";
import { pluginError } from "../protocol/failure.js";
import { readAnswer, readComplaint } from "../protocol/plugin-answer.js";
import { encodeRequest, type PluginRequest } from "../protocol/request.js";
import { errorCode } from "./error-code.js";
import type { PluginExecutor } from "./executor.js";
import type { ProcessOutcome } from "./run-process.js";

/** How a call may be cut short. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

/**
 * Runs one plugin once, looked for where its place is not known yet. Resolves with its result for ADD, with an empty object for everything else. Throws
 * `PLUGIN_NOT_FOUND`, what `pluginError` makes of the failure, and the signal's reason when that is why it failed.
 */
export async function callPlugin(
  executor: PluginExecutor,
  request: PluginRequest,
  { signal, graceMs }: CallOptions,
  knownPath?: string,
): Promise<JsonObject> {
  signal.throwIfAborted();
  const found = knownPath ?? (await findPlugin(executor, request.plugin.type, request));
  const outcome = await start(executor, { path: found, ...encodeRequest(request), signal, graceMs }, request);
  if (outcome.exitCode === 0 && request.command !== "ADD") return {};
  const answer = outcome.exitCode === 0 ? readAnswer(outcome.stdout) : undefined;
  if (answer !== undefined) return answer;
  // A plugin that was ended for an abort fails because of the abort, whatever it says.
  if (outcome.signal !== null) signal.throwIfAborted();
  throw failure(request, outcome);
}

/** Throws `PLUGIN_NOT_FOUND`. */
async function findPlugin(executor: PluginExecutor, type: string, request: PluginRequest): Promise<string> {
  const found = await executor.find(type, request.binDirs);
  if (found !== undefined) return found.path;
  throw pluginNotFound(type, request.list.name, request.binDirs);
}

/** The error for a plugin that is in none of the folders. */
export function pluginNotFound(
  type: string,
  network: string,
  binDirs: readonly string[],
  cause?: unknown,
): RuntimeError {
  const places = binDirs.length === 0 ? "no folder of CNI plugins exists" : `not in ${binDirs.join(", ")}`;
  return new RuntimeError("PLUGIN_NOT_FOUND", `network ${network}: CNI plugin ${type} is missing: ${places}`, {
    hint: "Install the CNI plugins (Debian and Ubuntu: apt install containernetworking-plugins)",
    details: { plugin: type, network, binDirs },
    ...(cause === undefined ? {} : { cause }),
  });
}

async function start(
  executor: PluginExecutor,
  invocation: Parameters<PluginExecutor["exec"]>[0],
  request: PluginRequest,
): Promise<ProcessOutcome> {
  try {
    return await executor.exec(invocation);
  } catch (error) {
    invocation.signal?.throwIfAborted();
    const code = errorCode(error);
    if (code === "ENOENT") throw pluginNotFound(request.plugin.type, request.list.name, request.binDirs, error);
    throw new RuntimeError(
      code === "EACCES" || code === "EPERM" ? "PERMISSION_DENIED" : "NETWORK_SETUP_FAILED",
      `network ${request.list.name}: plugin ${request.plugin.type} cannot be started${code === undefined ? "" : ` (${code})`}`,
      { cause: error, details: { plugin: request.plugin.type, network: request.list.name, path: invocation.path } },
    );
  }
}

function failure(request: PluginRequest, outcome: ProcessOutcome): RuntimeError {
  const ending = outcome.overflowed
    ? "it wrote too much"
    : outcome.signal === null
      ? `exit code ${String(outcome.exitCode)}`
      : `ended by ${outcome.signal}`;
  const garbled = outcome.exitCode === 0;
  // Of what is cut off the end tells nothing.
  const complaint = outcome.overflowed ? { code: 0, message: ending } : readComplaint(outcome, ending);
  return pluginError({
    command: request.command,
    plugin: request.plugin.type,
    network: request.list.name,
    containerId: request.attachment?.containerId ?? "",
    complaint:
      garbled && !outcome.overflowed
        ? { code: 0, message: `its answer is not a result: ${complaint.message}` }
        : complaint,
    exitCode: outcome.exitCode,
    crashed: outcome.signal !== null && !outcome.overflowed,
    stderr: outcome.stderr,
  });
}
