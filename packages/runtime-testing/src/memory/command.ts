import type { ContainerConfig } from "@voiyd/runtime-api";
import { invalid, parseUser, RuntimeError } from "@voiyd/runtime-api";
import type { MemoryImage } from "./options.js";
import type { Program } from "./program.js";

/** Of an image that names none. */
export const DEFAULT_USERS: readonly string[] = ["root", "nobody"];
const FOLDERS: ReadonlySet<string> = new Set([
  "/",
  "/bin",
  "/dev",
  "/etc",
  "/home",
  "/proc",
  "/root",
  "/sbin",
  "/sys",
  "/tmp",
  "/usr",
  "/usr/bin",
  "/var",
]);
const PATH = { name: "PATH", value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

export interface Command {
  readonly program: Program;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/**
 * What the configuration and its image come to together. Throws `INVALID_ARGUMENT`, `USER_NOT_FOUND`,
 * `COMMAND_NOT_FOUND`, `COMMAND_NOT_EXECUTABLE`.
 */
export function resolveCommand(
  config: ContainerConfig,
  image: MemoryImage,
  programs: ReadonlyMap<string, Program>,
): Command {
  assertUser(config.user ?? image.user ?? "root", image);
  // An entrypoint of the request makes the image's arguments meaningless, as with Docker.
  const defaults = config.entrypoint === undefined ? (image.args ?? []) : [];
  const args = [...(config.entrypoint ?? image.entrypoint ?? []), ...(config.args ?? defaults)];
  const env = [PATH, ...(image.envvars ?? []), ...(config.envvars ?? [])].map(
    ({ name, value }) => [name, value] as const,
  );
  return {
    program: findProgram(args, programs),
    args,
    env: Object.fromEntries(env),
    workingDir: config.workingDir ?? image.workingDir ?? "/",
  };
}

function findProgram(args: readonly string[], programs: ReadonlyMap<string, Program>): Program {
  const [command] = args;
  if (command === undefined) throw invalid("args", args, "a command, where neither the request nor the image has one");
  if (FOLDERS.has(command.replace(/(?<=.)\/+$/, ""))) {
    throw new RuntimeError("COMMAND_NOT_EXECUTABLE", `command ${JSON.stringify(command)} is a folder`, {
      details: { command },
    });
  }
  const program = programs.get(command) ?? programs.get(command.replace(/^(?:\/usr)?\/s?bin\//, ""));
  if (program === undefined) {
    throw new RuntimeError("COMMAND_NOT_FOUND", `command ${JSON.stringify(command)} is not in the image`, {
      hint: "give the in-memory runtime a program of this name in its option `programs`",
      details: { command },
    });
  }
  return program;
}

/** Numbers need not be known to an image, names must. */
function assertUser(text: string, image: MemoryImage): void {
  const { user, group } = parseUser(text);
  const known = image.users ?? DEFAULT_USERS;
  for (const part of [user, group]) {
    if (typeof part === "string" && !known.includes(part)) {
      throw new RuntimeError("USER_NOT_FOUND", `user ${JSON.stringify(part)} is not in the image`, {
        details: { user: text },
      });
    }
  }
}
