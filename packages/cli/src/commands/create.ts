import { generateName } from "../name/generate-name.js";
import { readContainerRequest } from "../options/container-request.js";
import { RUN_OPTIONS } from "../options/run-options.js";
import type { Command } from "./command.js";
import { IdFiles } from "./id-files.js";
import { assertRemovable, removedAtEnd } from "./removal.js";
import { makeFolder, makeNamed, pullImage, readPullPolicy } from "./make-container.js";

/** Of a container that runs: nobody stays with one that does not. */
const OF_RUN: readonly string[] = ["detach", "detach-keys", "sig-proxy"];
const OPTIONS = Object.fromEntries(Object.entries(RUN_OPTIONS).filter(([name]) => !OF_RUN.includes(name)));

/** `voiyd create`. */
export const create: Command = {
  usage: "create [OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Make a container without starting it",
  options: OPTIONS,
  operands: [1, Infinity],
  interspersed: false,
  async execute(context) {
    const { args, surroundings, signal } = context;
    const policy = readPullPolicy(args.value("pull"));
    const name = args.value("name") ?? generateName(surroundings.random);
    const { request: given, foldersToMake } = await readContainerRequest(args, name, surroundings);
    assertRemovable(context, given);
    const request = args.flag("rm") ? removedAtEnd(given) : given;
    await using ids = await IdFiles.open(args, surroundings);
    const runtime = await context.runtime();
    if (policy === "always") await pullImage(context, runtime, request);
    for (const folder of foldersToMake) await makeFolder(folder, surroundings);
    const container = await makeNamed(context, runtime, request, policy, (current) =>
      runtime.create(current, { signal }),
    );
    await ids.write(container);
    await surroundings.stdout.write(`${container.status.id}\n`);
    return 0;
  },
};
