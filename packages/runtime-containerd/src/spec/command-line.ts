import { type ContainerConfig, RuntimeError } from "@voiyd/runtime-api";

/** The parts of an image's configuration that say what to run. */
export interface ImageCommand {
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
}

/**
 * Docker's rules: the entrypoint, then the arguments; the user's entrypoint puts away the image's default arguments
 * with its entrypoint. Throws `INVALID_ARGUMENT` when nothing is left to run.
 */
export function commandLine(config: ContainerConfig, image: ImageCommand): readonly string[] {
  const entrypoint = config.entrypoint ?? image.entrypoint ?? [];
  const defaults = config.entrypoint === undefined ? (image.cmd ?? []) : [];
  const given = config.args ?? [];
  const line = [...entrypoint, ...(given.length > 0 ? given : defaults)];
  if (line.length > 0 && line[0] !== "") return line;
  throw new RuntimeError("INVALID_ARGUMENT", `image ${config.image} has no command of its own, and none was given`, {
    hint: "say what to run in args",
  });
}
