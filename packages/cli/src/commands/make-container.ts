import {
  type Container,
  type ContainerRequest,
  isRuntimeError,
  RuntimeError,
  type RuntimeErrorCode,
} from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { generateName } from "../name/generate-name.js";
import { parseExposed, publishExposed } from "../options/exposed-ports.js";
import { codeOf, messageOf } from "../output/failure.js";
import type { Surroundings } from "../process/surroundings.js";
import type { CommandRuntime, Context } from "./command.js";
import { imageNamed } from "./image/names.js";
import { pullWithProgress } from "./pull-with-progress.js";

const MOST_NAMES = 20;
const FULL_ID = /^[0-9a-f]{64}$/;

/** What is there, a file too, is left for the runtime to judge. */
export async function makeFolder(path: string, surroundings: Surroundings): Promise<void> {
  try {
    await surroundings.makeFolder(path);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return;
    throw new RuntimeError("INVALID_ARGUMENT", `--volume: ${path} cannot be made: ${messageOf(cause)}`, {
      cause,
      details: { option: "--volume" },
    });
  }
}

export type PullPolicy = "missing" | "always" | "never";

/** Throws {@link UsageError}. */
export function readPullPolicy(text = "missing"): PullPolicy {
  if (text === "missing" || text === "always" || text === "never") return text;
  throw new UsageError(`option --pull takes missing, always or never, not ${JSON.stringify(text)}`);
}

/** A name that was chosen for the user is chosen again when it is taken. */
export async function makeNamed(
  context: Context,
  runtime: CommandRuntime,
  request: ContainerRequest,
  policy: PullPolicy,
  make: Make,
): Promise<Container> {
  const isChosen = context.args.value("name") === undefined;
  let current = request;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await makeOnce(context, runtime, current, policy, make);
    } catch (error) {
      if (!isChosen || attempt === MOST_NAMES || !isRuntimeError(error, "NAME_IN_USE")) throw error;
      current = { ...request, meta: { ...request.meta, name: generateName(context.surroundings.random, attempt + 1) } };
    }
  }
}

/** Makes a container of a request, started or not. */
export type Make = (request: ContainerRequest) => Promise<Container>;

/** Whether an image is here is asked by trying: most often it is. */
async function makeOnce(
  context: Context,
  runtime: CommandRuntime,
  request: ContainerRequest,
  policy: PullPolicy,
  make: Make,
): Promise<Container> {
  try {
    return await make(await withExposedPorts(context, runtime, request));
  } catch (error) {
    const { image } = request.config;
    const isMissing = isRuntimeError(error, ...missing(request));
    // An id in full length is no name at all.
    if (!isMissing && !(FULL_ID.test(image) && isRuntimeError(error, "INVALID_ARGUMENT"))) throw error;
    const name = await imageNamed(runtime, image, context.signal);
    if (name !== image) {
      return make(await withExposedPorts(context, runtime, { ...request, config: { ...request.config, image: name } }));
    }
    if (policy !== "missing" || !isMissing) throw error;
  }
  await pullImage(context, runtime, request);
  return make(await withExposedPorts(context, runtime, request));
}

/** An image that is here for another platform than the one that is asked for by name is as good as absent. */
function missing({ config: { platform } }: ContainerRequest): readonly RuntimeErrorCode[] {
  return platform === undefined ? ["IMAGE_NOT_FOUND"] : ["IMAGE_NOT_FOUND", "IMAGE_PLATFORM_MISMATCH"];
}

/** What `-P` publishes is known when the image is here, and not before. Networks that publish nothing are left alone. */
async function withExposedPorts(
  { args, signal }: Context,
  runtime: CommandRuntime,
  request: ContainerRequest,
): Promise<ContainerRequest> {
  const { image, platform, network = "", portMappings } = request.config;
  if (!args.flag("publish-all") || /^(?:host|none|container:.*)$/.test(network)) return request;
  const details = await runtime.inspectImage(image, { signal, ...(platform !== undefined && { platform }) });
  const ports = [
    ...details.config.exposedPorts.flatMap((text) => parseExposed(text, "EXPOSE")),
    ...args.list("expose").flatMap((text) => parseExposed(text)),
  ];
  return { ...request, config: { ...request.config, portMappings: publishExposed(ports, portMappings) } };
}

export async function pullImage(
  { args, signal, surroundings }: Context,
  runtime: CommandRuntime,
  { config: { image, platform } }: ContainerRequest,
): Promise<void> {
  await pullWithProgress(runtime, image, {
    ...(platform !== undefined && { platform }),
    quiet: args.flag("quiet"),
    signal,
    surroundings,
  });
}
