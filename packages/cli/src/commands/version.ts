import { escapeText, toJson } from "../output/escape.js";
import { renderFailure } from "../output/failure.js";
import type { View } from "../template/value.js";
import type { Command, Context } from "./command.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat, type DetailFormat } from "./format.js";
import { attempt } from "./details.js";
import { viewOf } from "./listing.js";

/** `voiyd version`. */
export const version: Command = {
  usage: "version [OPTIONS]",
  summary: "Show the versions of voiyd and of what runs underneath",
  options: { format: DETAIL_FORMAT_OPTION },
  operands: [0, 0],
  async execute(context) {
    const { args, settings, surroundings } = context;
    const format = readDetailFormat(args);
    const server = await ask(context);
    const facts = {
      voiyd: surroundings.version(),
      ...("version" in server ? { runtime: server.version } : {}),
      address: settings.address,
      namespace: settings.namespace,
    };
    if ("version" in server) {
      await surroundings.stdout.write(render(format, facts));
      return 0;
    }
    await surroundings.stdout.write(renderWithoutServer(format, facts));
    await surroundings.stderr.write(renderFailure(server.error, settings.debug));
    return 1;
  },
};

type Facts = Readonly<Record<"voiyd" | "address" | "namespace", string> & Partial<Record<"runtime", string>>>;

/** A template that needs the version underneath shows nothing: why it is not there is said in any case. */
function renderWithoutServer(format: DetailFormat | undefined, facts: Facts): string {
  if (format === undefined || format === "json") return render(format, facts);
  const shown = attempt(format, view(facts));
  return "text" in shown ? `${shown.text}\n` : "";
}

/** Docker's names beside our own. */
function view(facts: Facts): View {
  const { voiyd, runtime } = facts;
  const server = runtime === undefined ? null : { Version: runtime };
  return viewOf({ ...facts, Client: { Version: voiyd }, Server: server }, facts);
}

function render(format: DetailFormat | undefined, facts: Facts): string {
  if (format === "json") return `${toJson(facts)}\n`;
  if (format !== undefined) return `${format.render(view(facts))}\n`;
  return Object.entries(facts)
    .map(([name, value]) => `${`${name}:`.padEnd(11)}${escapeText(value)}\n`)
    .join("");
}

/** Our own version is worth showing when the daemon does not answer, too. */
async function ask({ runtime, signal }: Context): Promise<{ readonly version: string } | { readonly error: unknown }> {
  try {
    return { version: await (await runtime()).version({ signal }) };
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}
