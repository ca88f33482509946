import { escapeText, toJson } from "../output/escape.js";
import { renderFailure } from "../output/failure.js";
import type { Command, Context } from "./command.js";
import { FORMAT_OPTION, readFormat } from "./format.js";

/** `voiyd version`. */
export const version: Command = {
  usage: "version [OPTIONS]",
  summary: "Show the versions of voiyd and of what runs underneath",
  options: { format: FORMAT_OPTION },
  operands: [0, 0],
  async execute(context) {
    const { args, settings, surroundings } = context;
    const format = readFormat(args);
    const server = await ask(context);
    const facts = {
      voiyd: surroundings.version(),
      ...("version" in server ? { runtime: server.version } : {}),
      address: settings.address,
      namespace: settings.namespace,
    };
    const lines = Object.entries(facts).map(([name, value]) => `${`${name}:`.padEnd(11)}${escapeText(value)}\n`);
    await surroundings.stdout.write(format === "json" ? `${toJson(facts)}\n` : lines.join(""));
    if ("version" in server) return 0;
    await surroundings.stderr.write(renderFailure(server.error, settings.debug));
    return 1;
  },
};

/** Our own version is worth showing when the daemon does not answer, too. */
async function ask({ runtime, signal }: Context): Promise<{ readonly version: string } | { readonly error: unknown }> {
  try {
    return { version: await (await runtime()).version({ signal }) };
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}
