import { dirname, join, resolve } from "node:path";
import { type PathStat, RuntimeError } from "@voiyd/runtime-api";
import type { Arguments } from "../../command-line/arguments.js";
import { UsageError } from "../../command-line/usage-error.js";
import { humanBytes } from "../../output/bytes.js";
import type { Command, Context } from "../command.js";
import { type End, isContent, type Operand, planCopy, readOperand, splitPath, wantsFolder } from "./path-rules.js";

type Local = Exclude<Operand, { readonly kind: "container" }>;
type Inside = Extract<Operand, { readonly kind: "container" }>;

/** `voiyd cp`. */
export const cp: Command = {
  usage: "cp [OPTIONS] CONTAINER:PATH PATH|- or cp [OPTIONS] PATH|- CONTAINER:PATH",
  summary: "Copy files between a container and this machine",
  options: {
    archive: { kind: "flag", short: "a", help: "keep the owners" },
    "follow-link": { kind: "flag", short: "L", help: "copy what a symlink at the source's end leads to" },
    quiet: { kind: "flag", short: "q", help: "do not say how much was copied" },
  },
  operands: [2, 2],
  async execute(context) {
    const [from, to] = context.args.operands.map((operand) => readOperand(operand));
    for (const end of [from, to]) {
      if (end === undefined || (end.kind !== "stream" && end.path === "")) throw new UsageError("a path is empty");
    }
    if (from?.kind === "container" && to !== undefined && to.kind !== "container") await copyOut(context, from, to);
    else if (to?.kind === "container" && from !== undefined && from.kind !== "container")
      await copyIn(context, from, to);
    else if (from?.kind === "container") throw new UsageError("a copy between containers is not supported");
    else throw new UsageError("one of the two must be in a container", "as web:/etc/nginx");
    return 0;
  },
};

async function copyOut(context: Context, from: Inside, to: Local): Promise<void> {
  const { args, signal, surroundings } = context;
  const { stdout } = surroundings;
  if (to.kind === "stream" && stdout.isTTY)
    throw new UsageError("an archive is not for a terminal", "give a path, or send the output somewhere");
  const runtime = await context.runtime();
  const path = args.flag("follow-link") ? await followed(context, from) : from.path;
  if (to.kind === "stream") {
    for await (const chunk of runtime.copyFrom(from.container, path, { signal })) await stdout.write(chunk);
    return;
  }
  const files = await surroundings.localFiles();
  const found = await runtime.statPath(from.container, path, { signal });
  const local = resolveLocal(surroundings.cwd, to.path);
  const there = await files.stat(local, { follow: true });
  if (there === undefined && (await files.stat(dirname(splitLocal(local)), { follow: true }))?.kind !== "directory")
    throw new RuntimeError("NOT_FOUND", `there is no folder ${dirname(splitLocal(local))} for the copy`);
  const plan = planCopy(endOf(path, found), { path: there?.path ?? local, kind: there?.kind });
  if ("refused" in plan) throw new RuntimeError("FAILED_PRECONDITION", plan.refused);
  const counted = new Counter(runtime.copyFrom(from.container, path, { signal }));
  // A link that was followed has its own name here.
  const own = splitPath(from.path).name;
  const archived = isContent(path) ? "." : splitPath(path).name;
  const name = plan.name ?? (own === archived ? undefined : own);
  await files.unpack(counted, plan.folder, {
    keepOwners: args.flag("archive"),
    ...(name === undefined ? {} : { rename: { from: archived, to: name } }),
    signal,
  });
  await say(context, counted.bytes, to.path);
}

async function copyIn(context: Context, from: Local, to: Inside): Promise<void> {
  const { args, signal, surroundings } = context;
  const runtime = await context.runtime();
  const target = await targetInside(context, to);
  const options = { keepOwners: args.flag("archive"), signal };
  if (from.kind === "stream") {
    if (target.kind !== "directory")
      throw new RuntimeError("FAILED_PRECONDITION", `${to.container}:${to.path} must be a folder that is there`);
    await runtime.copyTo(to.container, target.path, surroundings.openInput(undefined), options);
    return;
  }
  const files = await surroundings.localFiles();
  const local = resolveLocal(surroundings.cwd, from.path);
  const follow = args.flag("follow-link") || wantsFolder(from.path);
  const source = await files.stat(local, { follow });
  if (source === undefined) throw new RuntimeError("NOT_FOUND", `there is no ${from.path}`);
  if (wantsFolder(from.path) && source.kind !== "directory")
    throw new RuntimeError("FAILED_PRECONDITION", `${from.path} is no folder`);
  const plan = planCopy({ path: local, kind: source.kind }, target);
  if ("refused" in plan) throw new RuntimeError("FAILED_PRECONDITION", plan.refused);
  const name = plan.name ?? (isContent(from.path) ? "." : splitPath(local).name);
  const counted = new Counter(files.pack(local, { name, follow, signal }));
  await runtime.copyTo(to.container, plan.folder, counted, options);
  await say(context, counted.bytes, `${to.container}:${to.path}`);
}

/** What a symlink at the end of a path leads to; the path itself where none is. */
async function followed({ runtime, signal }: Context, { container, path }: Inside): Promise<string> {
  const { kind, target } = await (await runtime()).statPath(container, path, { signal });
  return kind === "symlink" && target !== undefined ? target : path;
}

/** Where a copy goes to, a symlink followed. What cannot be looked at is taken for absent: the copy itself will tell. */
async function targetInside({ runtime, signal }: Context, { container, path }: Inside): Promise<End> {
  const connected = await runtime();
  const look = async (at: string): Promise<PathStat | undefined> => {
    try {
      return await connected.statPath(container, at, { signal });
    } catch (error) {
      if (error instanceof RuntimeError && error.code === "NOT_FOUND" && "path" in error.details) return undefined;
      throw error;
    }
  };
  const found = await look(path);
  if (found?.kind !== "symlink") return { path, kind: found?.kind };
  if (found.target === undefined) return { path, kind: undefined };
  const behind = await look(found.target);
  return { path: found.target, kind: behind?.kind === "symlink" ? undefined : behind?.kind };
}

function endOf(path: string, { kind }: PathStat): End {
  return { path, kind: kind === "symlink" ? "file" : kind };
}

/** An absolute path, with the slash or dot at its end that says something. */
function resolveLocal(cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  if (isContent(path)) return join(absolute, "/") + ".";
  return path.endsWith("/") && absolute !== "/" ? `${absolute}/` : absolute;
}

/** The path whose folder must be there. */
function splitLocal(path: string): string {
  const { folder, name } = splitPath(path);
  return name === "." ? folder : join(folder, name);
}

async function say({ args, surroundings: { stderr } }: Context, bytes: number, target: string): Promise<void> {
  if (saysIt(args, stderr.isTTY)) await stderr.write(`Successfully copied ${humanBytes(bytes)} to ${target}\n`);
}

/** As Docker: to a person, unless told otherwise. */
function saysIt(args: Arguments, isTTY: boolean): boolean {
  return isTTY && !args.flag("quiet");
}

/** Counts what goes through. */
class Counter implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #source: AsyncIterable<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}
