import { isRuntimeError, RuntimeError, type Container, type ImageDetails } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { valueOf } from "../template/value.js";
import type { Command, CommandRuntime, Context } from "./command.js";
import { showDetails } from "./details.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat } from "./format.js";

/** `voiyd inspect`. */
export const inspect: Command = {
  usage: "inspect [OPTIONS] CONTAINER|IMAGE [...]",
  summary: "Show everything about containers or images, as JSON",
  options: {
    format: DETAIL_FORMAT_OPTION,
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
  usage: "container inspect [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Show everything about containers, as JSON",
  options: { format: DETAIL_FORMAT_OPTION },
  operands: [1, Infinity],
  execute: (context) => show(context, "container"),
};

async function show(context: Context, type: "container" | "image" | undefined): Promise<number> {
  const { args, runtime, signal } = context;
  const format = readDetailFormat(args);
  const connected = await runtime();
  const outcomes = await Promise.allSettled(args.operands.map((operand) => find(connected, operand, type, signal)));
  signal.throwIfAborted();
  return showDetails(outcomes, format, valueOf, context);
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
