import type { Container, ContainerRequest } from "@voiyd/runtime-api";
import { generateName } from "../name/generate-name.js";
import { readContainerRequest } from "../options/container-request.js";
import { RUN_OPTIONS } from "../options/run-options.js";
import { runAttached } from "./attached.js";
import { makeFolder, makeNamed, pullImage, readPullPolicy } from "./make-container.js";
import type { Command, Context } from "./command.js";
import { readAttachPlan, runInteractive } from "./run-interactive.js";
import { IdFiles } from "./id-files.js";
import { assertRemovable, startReaper } from "./removal.js";
import { startSupervisor } from "./start-supervisor.js";

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
    assertRemovable(context, request);
    const plan = readAttachPlan(context, request);
    await using ids = await IdFiles.open(args, surroundings);

    const runtime = await context.runtime();
    if (policy === "always") await pullImage(context, runtime, request);
    for (const folder of foldersToMake) await makeFolder(folder, surroundings);
    const make = (current: ContainerRequest): Promise<Container> => runtime.run(current, { signal: context.signal });
    const container = await makeNamed(context, runtime, request, policy, make);
    await startSupervisor(context, container);
    await ids.write(container);
    if (args.flag("detach")) return await leave(context, container);
    return await (plan === undefined
      ? runAttached(context, runtime, container)
      : runInteractive(context, runtime, container, plan));
  },
};

/** Prints the id; where the container is to be removed at its end, a process stays behind that does. */
async function leave(context: Context, { status: { id } }: Container): Promise<number> {
  if (context.args.flag("rm")) await startReaper(context, id);
  await context.surroundings.stdout.write(`${id}\n`);
  return 0;
}
