import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { LocalLogging } from "@voiyd/runtime-api";
import type { Stage } from "../fixture/stage.js";

/** Runs a shell script that logs with the driver `local`. */
export async function logBox(
  stage: Stage,
  name: string,
  script: string,
  logging: Partial<LocalLogging> = {},
): Promise<void> {
  await stage.main.runtime.run({
    meta: { name },
    config: {
      image: stage.busybox,
      args: ["sh", "-c", script],
      network: "none",
      logging: { driver: "local", ...logging },
    },
  });
}

/** How a count of a test is set for its full size. */
export function countOf(variable: string, short: number): number {
  const text = process.env[variable];
  return text === undefined ? short : Number(text);
}

/** Reads numbered lines as they come; throws at the first that is not the next. */
export async function countLines(stream: ReadableStream<Uint8Array>, from = 1): Promise<number> {
  let next = from;
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== String(next)) throw new Error(`the line after ${next - 1} is ${JSON.stringify(line)}`);
      next++;
    }
  }
  if (rest !== "") throw new Error(`at the end is ${JSON.stringify(rest)}`);
  return next - from;
}

export interface LogProcesses {
  readonly writer: number;
  readonly keeper: number | undefined;
  readonly containers: number;
}

/** Asks a host's log process how it is; undefined when there is none. */
export function logProcesses(stage: Stage): Promise<LogProcesses | undefined> {
  return new Promise((resolve) => {
    const socket = connect(join(stage.host.stateDir, "log-process", "socket"));
    let text = "";
    socket.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
    socket.on("error", () => {
      resolve(undefined);
    });
    socket.on("close", () => {
      const answer: unknown = text === "" ? undefined : JSON.parse(text);
      resolve(isAnswer(answer) ? { ...answer, keeper: answer.keeper } : undefined);
    });
    socket.write('{"do":"tell"}\n');
  });
}

function isAnswer(value: unknown): value is LogProcesses {
  return typeof value === "object" && value !== null && "writer" in value && "containers" in value;
}

/** The folder of a container's logs. */
export function logFolder(stage: Stage, name: string): string {
  return stage.host.logDirFmt.replaceAll("%s", name);
}

/** The sizes of a stream's files, the one that is being written last. */
export async function logSizes(stage: Stage, name: string, stream: string): Promise<number[]> {
  const folder = logFolder(stage, name);
  const names = (await readdir(folder)).filter((file) => file.startsWith(`${stream}.log.`)).sort();
  return Promise.all([...names, `${stream}.log`].map(async (file) => (await readFile(join(folder, file))).length));
}
