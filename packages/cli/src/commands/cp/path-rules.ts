import { basename, dirname, normalize } from "node:path/posix";

/** What is known of an end of a copy. */
export interface End {
  readonly path: string;
  /** Undefined: nothing is there. */
  readonly kind: "file" | "directory" | "other" | undefined;
}

/** Where an archive is to be unpacked, and what its first names become there. */
export interface Plan {
  readonly folder: string;
  /** Undefined: they stay. */
  readonly name: string | undefined;
}

/** Why there can be no copy. */
export interface Refused {
  readonly refused: string;
}

/**
 * Docker's rules. A folder that is there takes the source in, under its name, or, for `SOURCE/.`, what is in it. A path where
 * nothing is becomes the copy itself, unless it ends with a slash and the source is no folder. A file is replaced by a file.
 */
export function planCopy(source: End, target: End): Plan | Refused {
  const { folder, name } = splitPath(target.path);
  if (target.kind === "directory") return { folder: target.path, name: undefined };
  if (target.kind === "other") return { refused: `${target.path} must be a folder or a regular file` };
  if (target.kind === "file")
    return source.kind === "directory"
      ? { refused: `cannot copy a folder: ${target.path} is a file` }
      : { folder, name };
  if (source.kind !== "directory" && wantsFolder(target.path)) return { refused: `there is no folder ${target.path}` };
  return { folder, name };
}

/** The folder of a path, and its last part: `.` where the path ends with one. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const clean = normalize(path).replace(/(?<=.)\/+$/, "");
  if (isContent(path)) return { folder: clean, name: "." };
  return { folder: dirname(clean), name: basename(clean) || "." };
}

/** Whether a path says that there is a folder. */
export function wantsFolder(path: string): boolean {
  return path.endsWith("/") || isContent(path);
}

/** Whether a path stands for what is in a folder, and not for the folder. */
export function isContent(path: string): boolean {
  return path === "." || path.endsWith("/.");
}

/** A path of a container, or one of ours. */
export type Operand =
  | { readonly kind: "container"; readonly container: string; readonly path: string }
  | { readonly kind: "local"; readonly path: string }
  | { readonly kind: "stream" };

/** `CONTAINER:PATH`; what begins with a slash or a dot is ours, and `-` is a stream. */
export function readOperand(text: string): Operand {
  if (text === "-") return { kind: "stream" };
  const colon = text.indexOf(":");
  if (colon <= 0 || text.startsWith("/") || text.startsWith(".")) return { kind: "local", path: text };
  return { kind: "container", container: text.slice(0, colon), path: text.slice(colon + 1) };
}
