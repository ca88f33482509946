import type { ContainerProcess } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { renderTable } from "../output/table.js";
import type { Command } from "./command.js";

/** `voiyd top`. */
export const top: Command = {
  usage: "top [OPTIONS] CONTAINER",
  summary: "List the processes of a container",
  options: {
    output: { kind: "value", short: "o", value: "COLUMNS", help: "as pid,comm,args; default as ps -ef" },
    every: { kind: "flag", short: "e", help: "as without: all processes are shown" },
    full: { kind: "flag", short: "f", help: "as without: all columns are shown" },
  },
  operands: [1, Infinity],
  async execute({ args, runtime, signal, surroundings: { stdout, now } }) {
    const [container = "", ...more] = args.operands;
    // Docker hands them to ps(1), which is not asked here.
    if (more.length > 0) {
      throw new UsageError(
        `top does not know ${JSON.stringify(more.join(" "))}`,
        "of ps's options it knows -e, -f and -o",
      );
    }
    const columns = readColumns(args.value("output"));
    const processes = await (await runtime()).top(container, { signal });
    const rows = processes.map((process) => columns.map(({ cell }) => cell(process, now())));
    await stdout.write(
      renderTable(
        columns.map(({ header }) => header),
        rows,
      ),
    );
    return 0;
  },
};

interface Column {
  readonly header: string;
  readonly cell: (process: ContainerProcess, now: Date) => string;
}

/** The columns of `ps(1)`, by the names that it takes. */
const COLUMNS: Readonly<Record<string, Column>> = {
  uid: { header: "UID", cell: ({ uid }) => String(uid) },
  pid: { header: "PID", cell: ({ pid }) => String(pid) },
  ppid: { header: "PPID", cell: ({ parentPid }) => String(parentPid) },
  c: { header: "C", cell: (process, now) => String(Math.floor(usage(process, now))) },
  "%cpu": { header: "%CPU", cell: (process, now) => usage(process, now).toFixed(1) },
  stime: { header: "STIME", cell: ({ started }, now) => startTime(started, now) },
  tty: { header: "TTY", cell: ({ terminal }) => terminalName(terminal) },
  time: { header: "TIME", cell: ({ cpuMs }) => clock(cpuMs) },
  cmd: { header: "CMD", cell: commandLine },
  args: { header: "COMMAND", cell: commandLine },
  comm: { header: "COMMAND", cell: ({ command }) => command },
};

const FULL = "uid,pid,ppid,c,stime,tty,time,cmd";

function readColumns(text = FULL): readonly Column[] {
  return text.split(",").map((name) => {
    const column = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (column !== undefined) return column;
    throw new UsageError(
      `option -o does not know the column ${JSON.stringify(name)}`,
      `it knows ${Object.keys(COLUMNS).join(", ")}`,
    );
  });
}

/** Hundredths of a CPU over the process's life. */
function usage({ cpuMs, started }: ContainerProcess, now: Date): number {
  return (cpuMs / Math.max(now.getTime() - started.getTime(), 1)) * 100;
}

/** The time of today, or the day. */
function startTime(started: Date, now: Date): string {
  return now.getTime() - started.getTime() < 24 * 3_600_000
    ? started.toTimeString().slice(0, 5)
    : started.toDateString().slice(4, 10).replace(" ", "");
}

/** Pseudo-terminals have the major numbers 136 to 143 (`devices.txt` of the kernel's documentation). */
function terminalName(number: number): string {
  const major = (number >> 8) & 0xfff;
  const minor = (number & 0xff) | ((number >> 12) & 0xfff00);
  if (number === 0) return "?";
  return major >= 136 && major <= 143
    ? `pts/${String((major - 136) * 256 + minor)}`
    : `${String(major)}:${String(minor)}`;
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** What shows no arguments is shown by its name, in brackets. */
function commandLine({ args, command }: ContainerProcess): string {
  return args.length === 0 ? `[${command}]` : args.join(" ");
}
