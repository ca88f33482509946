import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Mount } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";

/** A snapshot's files, readable under `root` until it is disposed. */
export interface MountedRootfs extends AsyncDisposable {
  readonly root: string;
}

export interface MountRootfsOptions {
  readonly signal?: AbortSignal;
  /** Whether files are to be written: the snapshot must be mounted nowhere else then. Default false. */
  readonly writable?: boolean;
  /** What is thrown where it cannot be done. Default: an error about the user of a container. */
  readonly refusal?: (reason: string) => RuntimeError;
}

/**
 * Makes the files of a snapshot readable without running anything of it. An overlay is mounted in a mount namespace of a
 * helper process, read-only unless it is to be written to, and read through that process's root: the host never has the
 * mount, and it is gone with the helper, which ends when we do.
 *
 * @param mounts what containerd gives for the snapshot
 * @param directory an existing folder that the helper may mount over, in its own namespace
 */
export async function mountRootfs(
  mounts: readonly Mount[],
  directory: string,
  options: MountRootfsOptions,
): Promise<MountedRootfs> {
  const { refusal = unreadable, writable = false } = options;
  const [mount, ...others] = mounts;
  if (mount === undefined || others.length > 0) throw refusal("it does not consist of one mount");
  if (mount.type === "bind" || mount.type === "rbind") return plain(mount.source);
  if (mount.type !== "overlay") throw refusal(`a mount of type ${mount.type} cannot be read`);
  if (writable) return mountOverlay(writableOverlay(mount.options, refusal), directory, options);
  const layers = await withoutEmpty(overlayLayers(mount.options));
  const [only, ...more] = layers;
  if (only === undefined) throw refusal("an overlay without layers");
  return more.length === 0 ? plain(only) : await mountOverlay({ lower: layers }, directory, options);
}

/** The folders of an overlay's mount; without `upper` it cannot be written to. */
interface OverlayFolders {
  readonly lower: readonly string[];
  readonly upper?: { readonly files: string; readonly work: string };
}

function writableOverlay(options: readonly string[], refusal: (reason: string) => RuntimeError): OverlayFolders {
  const lower = valueOf(options, "lowerdir")?.split(":");
  const [files, work] = [valueOf(options, "upperdir"), valueOf(options, "workdir")];
  if (lower === undefined || files === undefined || work === undefined)
    throw refusal("an overlay without an own layer");
  return { lower, upper: { files, work } };
}

/** A new snapshot's own layer has nothing yet, and most images of one layer need no mount without it. */
async function withoutEmpty(layers: readonly string[]): Promise<readonly string[]> {
  const [upper, ...lower] = layers;
  return upper === undefined || lower.length === 0 || (await readdir(upper)).length > 0 ? layers : lower;
}

function plain(root: string): MountedRootfs {
  return { root, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** The folders of an overlay, the uppermost first (kernel documentation, `overlayfs.rst`). */
export function overlayLayers(options: readonly string[]): string[] {
  const upper = valueOf(options, "upperdir");
  return [...(upper === undefined ? [] : [upper]), ...(valueOf(options, "lowerdir")?.split(":") ?? [])];
}

function valueOf(options: readonly string[], key: string): string | undefined {
  return options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
}

/** Mounts, says so, and keeps the namespace until its standard input ends. */
const SCRIPT = 'mount -t overlay -o "$1" overlay "$2" && echo mounted && read -r _';

async function mountOverlay(
  { lower, upper }: OverlayFolders,
  directory: string,
  { signal, refusal = unreadable }: MountRootfsOptions,
): Promise<MountedRootfs> {
  // The options of a mount share one page with each other: relative paths let many layers fit in.
  const base = commonParent([...lower, ...(upper === undefined ? [] : [upper.files, upper.work])]);
  const own = (folder: string): string => relative(base, folder);
  const access = upper === undefined ? ["ro"] : ["rw", `upperdir=${own(upper.files)}`, `workdir=${own(upper.work)}`];
  const args = [
    "--mount",
    "--propagation",
    "private",
    "--",
    "sh",
    "-c",
    SCRIPT,
    "sh",
    [...access, `lowerdir=${lower.map(own).join(":")}`].join(","),
    directory,
  ];
  const child = spawn("unshare", args, {
    cwd: base,
    stdio: ["pipe", "pipe", "pipe"],
    ...(signal !== undefined && { signal }),
  });
  const ended = once(child, "close");
  const stderr: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // It may end before it reads.
  child.stdin.on("error", () => undefined);
  try {
    const first = await Promise.race([once(child.stdout, "data"), ended]);
    if (!Buffer.isBuffer(first[0]) || child.pid === undefined) {
      throw refusal(Buffer.concat(stderr).toString("utf8").slice(0, 500).trim() || "the mount failed");
    }
  } catch (error) {
    child.stdin.end();
    throw error;
  }
  return {
    root: join("/proc", String(child.pid), "root", directory),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

function commonParent(paths: readonly string[]): string {
  let parent = dirname(paths[0] ?? "/");
  while (!paths.every((path) => parent === "/" || path.startsWith(`${parent}/`))) parent = dirname(parent);
  return parent;
}

function unreadable(reason: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `the image's user files cannot be read: ${reason}`, {
    hint: "give the user as numbers, uid:gid",
  });
}
