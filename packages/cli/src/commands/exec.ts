import {
  assertExecRequest,
  type ExecProcess,
  type ExecRequest,
  isRuntimeError,
  RuntimeError,
} from "@voiyd/runtime-api";
import { parseEnvironment } from "../options/env.js";
import { messageOf, renderFailure } from "../output/failure.js";
import { converse } from "../session/converse.js";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../session/detach-keys.js";
import { noTerminal } from "../session/no-terminal.js";
import type { Command, Context } from "./command.js";

/** `voiyd exec`. */
export const exec: Command = {
  usage: "exec [OPTIONS] CONTAINER COMMAND [ARG...]",
  summary: "Run a command in a running container",
  options: {
    detach: { kind: "flag", short: "d", help: "leave it running" },
    "detach-keys": { kind: "value", value: "KEYS", help: "what leaves it and its terminal; default ctrl-p,ctrl-q" },
    env: { kind: "list", short: "e", value: "NAME[=VALUE]", help: "set a variable, or pass on one of ours" },
    "env-file": { kind: "list", value: "FILE", help: "set the variables of a file" },
    interactive: { kind: "flag", short: "i", help: "pass our standard input on" },
    privileged: { kind: "flag", help: "all capabilities" },
    tty: { kind: "flag", short: "t", help: "give it a terminal" },
    user: { kind: "value", short: "u", value: "USER[:GROUP]", help: "names or numbers" },
    workdir: { kind: "value", short: "w", value: "PATH", help: "where the command starts" },
  },
  operands: [2, Infinity],
  interspersed: false,
  // As a shell has it, only that Docker keeps 125 for `run`.
  errorCode: 1,
  async execute(context) {
    const { args, surroundings } = context;
    const [container = ""] = args.operands;
    const detachKeys = parseDetachKeys(args.value("detach-keys") ?? DEFAULT_DETACH_KEYS);
    const request = await readRequest(context);
    if (request.tty === true && request.stdin === true && !surroundings.stdin.isTTY) throw noTerminal();
    const runtime = await context.runtime();
    let process: ExecProcess;
    try {
      process = await runtime.exec(container, request, { signal: context.signal });
    } catch (error) {
      return await failed(context, error);
    }
    if (request.detached === true) return 0;
    return talk(context, process, request, detachKeys);
  },
};

async function readRequest({ args, surroundings }: Context): Promise<ExecRequest> {
  const [, ...command] = args.operands;
  const files = await Promise.all(
    args.list("env-file").map(async (path) => {
      try {
        return { path, text: await surroundings.readFile(path) };
      } catch (cause) {
        throw new RuntimeError("INVALID_ARGUMENT", `--env-file: ${path} cannot be read: ${messageOf(cause)}`, {
          cause,
        });
      }
    }),
  );
  const user = args.value("user");
  const workingDir = args.value("workdir");
  const tty = args.flag("tty");
  const detached = args.flag("detach");
  const { stdout } = surroundings;
  const request: ExecRequest = {
    args: command,
    envvars: parseEnvironment(args.list("env"), files, surroundings.env),
    ...(user === undefined ? {} : { user }),
    ...(workingDir === undefined ? {} : { workingDir }),
    tty,
    // As Docker: a detached process has nobody who types.
    stdin: args.flag("interactive") && !detached,
    detached,
    privileged: args.flag("privileged"),
    ...(tty && stdout.isTTY ? { size: { columns: stdout.columns, rows: stdout.rows } } : {}),
  };
  assertExecRequest(request);
  return request;
}

async function talk(
  context: Context,
  process: ExecProcess,
  { tty = false }: ExecRequest,
  detachKeys: Uint8Array,
): Promise<number> {
  const { surroundings, signal } = context;
  const outcome = await converse(process, { surroundings, tty, detachKeys, signal });
  if (outcome === "detached") {
    await surroundings.stderr.write("read escape sequence\n");
    return 0;
  }
  const { exitCode } = await process.exited;
  if (exitCode !== "unknown") return exitCode;
  throw new RuntimeError("DATA_LOSS", `process ${process.id} has ended, and nobody can say with which exit code`);
}

/** A command that cannot be started has an exit code of its own, which a shell would give it. */
async function failed(context: Context, error: unknown): Promise<number> {
  const code = isRuntimeError(error, "COMMAND_NOT_FOUND")
    ? 127
    : isRuntimeError(error, "COMMAND_NOT_EXECUTABLE")
      ? 126
      : undefined;
  if (code === undefined) throw error;
  await context.surroundings.stderr.write(renderFailure(error, context.settings.debug));
  return code;
}
