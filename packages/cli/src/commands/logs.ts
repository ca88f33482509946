import { type Container, hasLogs, invalid, type LogEntry, type Logs, type LogsOptions } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import { parseMoment } from "../options/moment.js";
import { copyOutput } from "../output/copy.js";
import { LogPrinter } from "../output/log-printer.js";
import type { Command } from "./command.js";

const NO_TIMES = "voiyd: this log has no times: those of containers run with --log-driver local do\n";

/** `voiyd logs`. */
export const logs: Command = {
  usage: "logs [OPTIONS] CONTAINER",
  summary: "Show what a container wrote",
  options: {
    follow: { kind: "flag", short: "f", help: "go on until the container has ended for good" },
    tail: { kind: "value", short: "n", value: "LINES", help: "only so many of the last lines; all by default" },
    since: { kind: "value", value: "TIME", help: "only what is from then on: a time, or how long ago, as 42m" },
    until: { kind: "value", value: "TIME", help: "only what is from before then" },
    timestamps: { kind: "flag", short: "t", help: "show when each line was written" },
    details: { kind: "flag", help: "show what --log-opt labels and env name" },
    raw: { kind: "flag", help: "do not escape control characters on a terminal" },
  },
  operands: [1, 1],
  async execute({ args, runtime: connect, signal, surroundings: { stdout, stderr, now } }) {
    const [container = ""] = args.operands;
    const options = { ...optionsOf(args, now()), signal };
    const escaped = !args.flag("raw");
    const runtime = await connect();
    if (!hasLogs(runtime)) {
      const io = await runtime.io(container, { follow: args.flag("follow"), signal });
      await copyOutput(io, { stdout, stderr, signal, escaped });
      return 0;
    }
    const details = args.flag("details") ? detailsOf(await runtime.get(container, { signal })) : "";
    const printer = new LogPrinter({ stdout, stderr, escaped, details, timestamps: args.flag("timestamps") });
    let first: LogEntry | undefined;
    for await (const entry of runtime.logs(container, options)) {
      first ??= entry;
      await printer.print(entry);
    }
    await printer.end();
    // Lines without times are older than every time, and nothing of them may have been shown.
    if (first === undefined && options.since !== undefined) first = await lastOf(runtime, container, signal);
    const wantsTimes = args.flag("timestamps") || options.since !== undefined || options.until !== undefined;
    if (wantsTimes && first?.kind === "line" && first.time === undefined) await stderr.write(NO_TIMES);
    return 0;
  },
};

async function lastOf(runtime: Logs, container: string, signal: AbortSignal): Promise<LogEntry | undefined> {
  for await (const entry of runtime.logs(container, { tail: 1, signal })) return entry;
  return undefined;
}

function optionsOf(args: Arguments, now: Date): LogsOptions {
  const [since, until, tail] = [args.value("since"), args.value("until"), args.value("tail")];
  return {
    follow: args.flag("follow"),
    ...(since === undefined ? {} : { since: parseMoment("--since", since, now) }),
    ...(until === undefined ? {} : { until: parseMoment("--until", until, now) }),
    // Docker takes a negative number for all of them too.
    ...(tail === undefined || tail === "all" || /^-\d+$/.test(tail) ? {} : { tail: parseTail(tail) }),
  };
}

function parseTail(text: string): number {
  const lines = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(lines)) throw invalid("--tail", text, "a number of lines, or all");
  return lines;
}

/** As Docker shows them: `key=value,key=value` before each line. */
function detailsOf({ meta, config }: Container): string {
  const { logging } = config;
  if (logging === undefined || !("labels" in logging || "env" in logging)) return "";
  const environment = new Map((config.envvars ?? []).map(({ name, value }) => [name, value]));
  const pairs = [
    ...(logging.labels ?? []).map((name) => [name, Object.hasOwn(meta.labels, name) ? meta.labels[name] : undefined]),
    ...(logging.env ?? []).map((name) => [name, environment.get(name)]),
  ].flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [`${name}=${value}`]));
  return pairs.length === 0 ? "" : `${pairs.join(",")} `;
}
