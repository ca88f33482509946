import { lstat, readlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../host/file-store.js";
import { deviceNumbers } from "../host/devices.js";

/** As many symlinks as the kernel follows in one path (`path_resolution(7)`). */
const MAX_SYMLINKS = 40;

/**
 * - `found`: the path on the host
 * - `absent`: there is nothing
 * - `unsure`: a folder is in several layers, and this host cannot tell whether an upper one hides the lower ones
 */
export type OverlayPath = { readonly kind: "found"; readonly path: string } | { readonly kind: "absent" | "unsure" };

/**
 * Finds a path in the folders of an overlay without mounting it (kernel documentation, `overlayfs.rst`): whiteouts are
 * respected, and symlinks followed as a process inside would see them, so that nothing leads outside.
 *
 * @param layers the uppermost first; their content must not change meanwhile
 * @param isHidden whether one of these folders hides what lower layers have in its place; undefined when nobody can tell
 */
export async function overlayPath(
  layers: readonly string[],
  path: string,
  isHidden: (folders: readonly string[]) => Promise<boolean | undefined>,
): Promise<OverlayPath> {
  const pending = split(path);
  /** The folders walked through, each with the layers that have it. */
  const walked: { readonly name: string; readonly layers: readonly string[] }[] = [];
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === "..") {
      walked.pop();
      continue;
    }
    const here = walked.at(-1)?.layers ?? layers;
    const below = [...walked.map(({ name }) => name), part];
    const seen = await lookUp(here, below, isHidden);
    if (seen.kind !== "found") return seen;
    if (seen.stats.isSymbolicLink()) {
      if (++links > MAX_SYMLINKS) return { kind: "absent" };
      const target = await readlink(join(seen.layer, ...below));
      if (target.startsWith("/")) walked.length = 0;
      pending.unshift(...split(target));
      continue;
    }
    if (pending.length === 0) return { kind: "found", path: join(seen.layer, ...below) };
    if (!seen.stats.isDirectory()) return { kind: "absent" };
    walked.push({ name: part, layers: await layersOf(seen.rest, below, seen.layer) });
  }
  const { layers: last = layers } = walked.at(-1) ?? {};
  return last[0] === undefined
    ? { kind: "absent" }
    : { kind: "found", path: join(last[0], ...walked.map(({ name }) => name)) };
}

type Seen =
  | { readonly kind: "found"; readonly layer: string; readonly stats: Stats; readonly rest: readonly string[] }
  | { readonly kind: "absent" | "unsure" };

/** An entry in a folder that several layers have. In the uppermost of them it is certain; below it, opacity may hide it. */
async function lookUp(
  layers: readonly string[],
  below: readonly string[],
  isHidden: (folders: readonly string[]) => Promise<boolean | undefined>,
): Promise<Seen> {
  for (const [index, layer] of layers.entries()) {
    const stats = await statIfThere(join(layer, ...below));
    if (stats === undefined) continue;
    if (isWhiteout(stats)) return { kind: "absent" };
    const found: Seen = { kind: "found", layer, stats, rest: layers.slice(index + 1) };
    if (index === 0 || below.length === 1) return found;
    const hidden = await isHidden(layers.slice(0, index).flatMap((upper) => ancestors(upper, below)));
    if (hidden === undefined) return { kind: "unsure" };
    return hidden ? { kind: "absent" } : found;
  }
  return { kind: "absent" };
}

/** Every folder of a layer that leads to an entry. */
function ancestors(layer: string, below: readonly string[]): readonly string[] {
  return below.slice(1).map((_, index) => join(layer, ...below.slice(0, index + 1)));
}

/** The layers whose folders are merged: down to the first that has something else in its place. */
async function layersOf(lower: readonly string[], below: readonly string[], top: string): Promise<readonly string[]> {
  const merged = [top];
  for (const layer of lower) {
    const stats = await statIfThere(join(layer, ...below));
    if (stats === undefined) continue;
    if (!stats.isDirectory()) break;
    merged.push(layer);
  }
  return merged;
}

/** A character device with the numbers 0 and 0 stands for what an upper layer has removed. */
function isWhiteout(stats: Stats): boolean {
  const { major, minor } = deviceNumbers(stats.rdev);
  return stats.isCharacterDevice() && major === 0 && minor === 0;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
