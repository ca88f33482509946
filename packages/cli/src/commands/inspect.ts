import { isRuntimeError, RuntimeError, type Attachment, type Container, type ImageDetails } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import type { Template } from "../template/template.js";
import { View, valueOf } from "../template/value.js";
import type { Command, CommandRuntime, Context } from "./command.js";
import { showDetails } from "./details.js";
import { dockerNames, type Around } from "./container/docker-names.js";
import { imageView } from "./image/inspect.js";
import { fieldsOf } from "./listing.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat } from "./format.js";
import { imageNamed } from "./image/names.js";

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
  const view = async (found: Container | ImageDetails, template: Template): Promise<View> =>
    "status" in found ? containerView(found, template, context) : imageView(found);
  return showDetails(outcomes, format, view, context);
}

/** Docker's names beside those of the JSON, which begin with small letters. */
async function containerView(container: Container, template: Template, context: Context): Promise<View> {
  const names = dockerNames(container, await around(container, template, context));
  return new View({ ...fieldsOf(container), ...names }, valueOf(container));
}

/** What a container has from its image. */
const OF_IMAGE = ["Cmd", "Entrypoint", "Env", "Image", "User", "WorkingDir"];

/** Looks only for what the template asks for. */
async function around(container: Container, template: Template, context: Context): Promise<Around> {
  const { runtime, network, settings, signal } = context;
  const { config, status } = container;
  const [image, attachments] = await Promise.all([
    OF_IMAGE.some((name) => template.asksFor(name)) ? imageOf(config, await runtime(), signal) : undefined,
    template.asksFor("Networks") ? (await network()).list({ signal }) : undefined,
  ]);
  const containerId = `${settings.namespace}-${status.id}`;
  const attachment = attachments?.find((one) => one.containerId === containerId);
  const none: Attachment = { containerId, namespacePath: "", interfaces: [], ports: [] };
  return {
    ...(image === undefined ? {} : { image }),
    ...(attachments === undefined ? {} : { attachment: attachment ?? none }),
  };
}

/** It may have been removed, or stand for another image by now, which a container does not tell. */
async function imageOf(
  { image, platform }: Container["config"],
  runtime: CommandRuntime,
  signal: AbortSignal,
): Promise<ImageDetails | undefined> {
  try {
    return await runtime.inspectImage(image, { signal, ...(platform === undefined ? {} : { platform }) });
  } catch (error) {
    if (isRuntimeError(error, "IMAGE_NOT_FOUND", "IMAGE_PLATFORM_MISMATCH")) return undefined;
    throw error;
  }
}

/** A container of that name, or else an image. */
async function find(
  runtime: CommandRuntime,
  name: string,
  type: "container" | "image" | undefined,
  signal: AbortSignal,
): Promise<Container | ImageDetails> {
  if (type === "container") return runtime.get(name, { signal });
  if (type === "image") return runtime.inspectImage(await imageNamed(runtime, name, signal), { signal });
  try {
    return await runtime.get(name, { signal });
  } catch (error) {
    // An image reference may hold characters that no container's name can.
    if (!isRuntimeError(error, "NOT_FOUND", "INVALID_ARGUMENT")) throw error;
  }
  try {
    return await runtime.inspectImage(await imageNamed(runtime, name, signal), { signal });
  } catch (cause) {
    if (!isRuntimeError(cause, "IMAGE_NOT_FOUND", "INVALID_ARGUMENT")) throw cause;
    throw new RuntimeError("NOT_FOUND", `no container and no image is called ${JSON.stringify(name)}`, { cause });
  }
}
