import { isContainerdError } from "@voiyd/containerd-client";
import { RuntimeError, type RuntimeErrorCode } from "@voiyd/runtime-api";
import { mapError } from "../errors/map-error.js";

/** How runc and crun say that what should run cannot. Containerd passes it on as text, with the code `unknown`. */
const REASONS: readonly { readonly pattern: RegExp; readonly code: RuntimeErrorCode; readonly text: string }[] = [
  { pattern: /executable file .*not found/i, code: "COMMAND_NOT_FOUND", text: "is not in the image" },
  {
    pattern: /exec:? ("[^"]*"|[^:]*): (stat .*: )?no such file or directory/i,
    code: "COMMAND_NOT_FOUND",
    text: "is not in the image",
  },
  {
    pattern: /exec:? ("[^"]*"|[^:]*): (stat .*: )?not a directory/i,
    code: "COMMAND_NOT_FOUND",
    text: "is not in the image",
  },
  { pattern: /exec:? ("[^"]*"|[^:]*): is a directory/i, code: "COMMAND_NOT_EXECUTABLE", text: "is a folder" },
  {
    pattern: /exec:? ("[^"]*"|[^:]*): permission denied/i,
    code: "COMMAND_NOT_EXECUTABLE",
    text: "may not be executed",
  },
  {
    pattern: /exec format error/i,
    code: "COMMAND_NOT_EXECUTABLE",
    text: "is not for this machine, or has no interpreter line",
  },
];

/** The error of a task that could not be created or started. */
export function mapTaskError(error: unknown, name: string, args: readonly string[]): unknown {
  if (!isContainerdError(error)) return mapError(error, `container ${name}`);
  const reason = REASONS.find(({ pattern }) => pattern.test(error.message));
  if (reason === undefined) return mapError(error, `container ${name}`);
  return new RuntimeError(
    reason.code,
    `container ${name}: the command ${JSON.stringify(args[0] ?? "")} ${reason.text}`,
    {
      cause: error,
      details: { command: args[0] ?? "" },
    },
  );
}
