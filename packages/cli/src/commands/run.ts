import { isRuntimeError, RuntimeError, type Container, type ContainerRequest } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { generateName } from "../name/generate-name.js";
import { readContainerRequest } from "../options/container-request.js";
import { RUN_OPTIONS } from "../options/run-options.js";
import { codeOf, messageOf } from "../output/failure.js";
import type { Surroundings } from "../process/surroundings.js";
import { runAttached } from "./attached.js";
import type { Command, CommandRuntime, Context } from "./command.js";
import { readAttachPlan, runInteractive } from "./run-interactive.js";
import { IdFiles } from "./id-files.js";
import { pullWithProgress } from "./pull-with-progress.js";

const MOST_NAMES = 20;

/** `voiyd run`. */
export const run: Command = {
  usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Run a container",
  options: RUN_OPTIONS,
  operands: [1, Infinity],
  interspersed: false,
  errorCode: 125,
  async execute(context) {
    const { args, surroundings } = context;
    const policy = readPullPolicy(args.value("pull"));
    const name = args.value("name") ?? generateName(surroundings.random);
    const { request, foldersToMake } = await readContainerRequest(args, name, surroundings);
    const plan = readAttachPlan(context, request);
    await using ids = await IdFiles.open(args, surroundings);

    const runtime = await context.runtime();
    if (policy === "always") await pullImage(context, runtime, request);
    for (const folder of foldersToMake) await makeFolder(folder, surroundings);
    const make = (current: ContainerRequest): Promise<Container> => runtime.run(current, { signal: context.signal });
    const container = await makeNamed(context, runtime, request, policy, make);
    await ids.write(container);
    if (args.flag("detach")) return await leave(context, container);
    return await (plan === undefined
      ? runAttached(context, runtime, container)
      : runInteractive(context, runtime, container, plan));
  },
};

/** Prints the id; where the container is to be removed at its end, a process stays behind that does. */
async function leave({ args, settings, surroundings }: Context, { status: { id } }: Container): Promise<number> {
  if (args.flag("rm")) {
    await surroundings.spawnSelf(["--address", settings.address, "--namespace", settings.namespace, "__reap", id]);
  }
  await surroundings.stdout.write(`${id}\n`);
  return 0;
}

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
    return await make(request);
  } catch (error) {
    if (policy !== "missing" || !isRuntimeError(error, "IMAGE_NOT_FOUND")) throw error;
  }
  await pullImage(context, runtime, request);
  return make(request);
}

export async function pullImage(
  { args, signal, surroundings }: Context,
  runtime: CommandRuntime,
  request: ContainerRequest,
): Promise<void> {
  await pullWithProgress(runtime, request.config.image, { quiet: args.flag("quiet"), signal, surroundings });
}
