import { isRuntimeError, RuntimeError, type Container, type ImageDetails } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { toJson } from "../output/escape.js";
import { renderFailure } from "../output/failure.js";
import type { Command, CommandRuntime, Context } from "./command.js";

/** `voiyd inspect`. */
export const inspect: Command = {
  usage: "inspect [OPTIONS] CONTAINER|IMAGE [...]",
  summary: "Show everything about containers or images, as JSON",
  options: {
    type: { kind: "value", value: "TYPE", help: "container or image: only look for those" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const type = context.args.value("type");
    if (type !== undefined && type !== "container" && type !== "image")
      throw new UsageError(`option --type takes container or image, not ${JSON.stringify(type)}`);
    return show(context, type);
  },
};

/** `voiyd container inspect`. */
export const inspectContainer: Command = {
  usage: "container inspect CONTAINER [CONTAINER...]",
  summary: "Show everything about containers, as JSON",
  options: {},
  operands: [1, Infinity],
  execute: (context) => show(context, "container"),
};

async function show(
  { args, runtime, signal, settings, surroundings: { stdout, stderr } }: Context,
  type: "container" | "image" | undefined,
): Promise<number> {
  const connected = await runtime();
  const outcomes = await Promise.allSettled(args.operands.map((operand) => find(connected, operand, type, signal)));
  signal.throwIfAborted();
  const found = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  await stdout.write(`${toJson(found, 2)}\n`);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") await stderr.write(renderFailure(outcome.reason, settings.debug));
  }
  return found.length === outcomes.length ? 0 : 1;
}

/** A container of that name, or else an image. */
async function find(
  runtime: CommandRuntime,
  name: string,
  type: "container" | "image" | undefined,
  signal: AbortSignal,
): Promise<Container | ImageDetails> {
  if (type === "container") return runtime.get(name, { signal });
  if (type === "image") return runtime.inspectImage(name, { signal });
  try {
    return await runtime.get(name, { signal });
  } catch (error) {
    // An image reference may hold characters that no container's name can.
    if (!isRuntimeError(error, "NOT_FOUND", "INVALID_ARGUMENT")) throw error;
  }
  try {
    return await runtime.inspectImage(name, { signal });
  } catch (cause) {
    if (!isRuntimeError(cause, "IMAGE_NOT_FOUND", "INVALID_ARGUMENT")) throw cause;
    throw new RuntimeError("NOT_FOUND", `no container and no image is called ${JSON.stringify(name)}`, { cause });
  }
}
