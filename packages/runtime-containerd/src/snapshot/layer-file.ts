import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Descriptor } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { type TarEntry, tarEntries } from "./tar-entries.js";

type Options = { signal?: AbortSignal };

/** The same limit as for files read from folders. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_LINKS = 40;
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** Containerd's content service, as far as it is needed. */
export interface LayerContent {
  read(request: { digest: string }, options: Options): AsyncIterable<{ readonly data: Uint8Array }>;
}

/** What a layer has at a path, as far as it was looked for. */
interface Found {
  readonly kind: TarEntry["kind"] | "whiteout";
  readonly link: string;
  readonly text: string | undefined;
}

/** What a layer has of the wanted paths, and which folders it empties. */
interface LayerView {
  readonly entries: ReadonlyMap<string, Found>;
  readonly opaque: ReadonlySet<string>;
}

/**
 * The text of a file of an image, read from the layers as they were pulled (OCI image spec, "Applying Changesets"), for
 * snapshots whose files cannot be seen from here. Symlinks are followed within the image. Undefined when there is none.
 *
 * @param layers the lowest first
 */
export async function readLayerFile(
  content: LayerContent,
  layers: readonly Descriptor[],
  path: string,
  options: Options,
): Promise<string | undefined> {
  let wanted = split(path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    const next = await walk(content, layers, wanted, options);
    if (next.kind === "found") return next.text;
    if (next.kind === "absent") return undefined;
    wanted = next.parts;
  }
  return undefined;
}

type Walk =
  | { readonly kind: "found"; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "elsewhere"; readonly parts: string[] };

/** Walks a path without links; at the first link it says where to go on. */
async function walk(
  content: LayerContent,
  layers: readonly Descriptor[],
  parts: readonly string[],
  options: Options,
): Promise<Walk> {
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const views: LayerView[] = [];
  for (const layer of [...layers].reverse()) views.push(await viewLayer(content, layer, new Set(prefixes), options));
  let visible = views.length;
  for (const [index, prefix] of prefixes.entries()) {
    const isLast = index === prefixes.length - 1;
    const at = views.slice(0, visible).findIndex((view) => view.entries.has(prefix));
    const found = views[at]?.entries.get(prefix);
    if (found?.kind === "symlink" || found?.kind === "hardlink") {
      const base = found.kind === "symlink" && !found.link.startsWith("/") ? parts.slice(0, index) : [];
      return { kind: "elsewhere", parts: resolve([...base, ...split(found.link), ...parts.slice(index + 1)]) };
    }
    if (isLast)
      return found?.kind === "file" && found.text !== undefined
        ? { kind: "found", text: found.text }
        : { kind: "absent" };
    // An archive need not name the folders that lead to its files, so an absent one is none.
    if (found !== undefined && found.kind !== "directory" && found.kind !== "whiteout") return { kind: "absent" };
    // What is below a whiteout, an opaque folder or another kind of entry is hidden.
    const hiding = views
      .slice(0, visible)
      .findIndex((view) => view.opaque.has(prefix) || isHiding(view.entries.get(prefix)));
    if (hiding !== -1) visible = views[hiding]?.opaque.has(prefix) === true ? hiding + 1 : hiding;
    if (visible === 0) return { kind: "absent" };
  }
  return { kind: "absent" };
}

function isHiding(found: Found | undefined): boolean {
  return found !== undefined && found.kind !== "directory";
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function resolve(parts: readonly string[]): string[] {
  const resolved: string[] = [];
  for (const part of parts) {
    if (part === "..") resolved.pop();
    else resolved.push(part);
  }
  return resolved;
}

async function viewLayer(
  content: LayerContent,
  layer: Descriptor,
  wanted: ReadonlySet<string>,
  options: Options,
): Promise<LayerView> {
  const entries = new Map<string, Found>();
  const opaque = new Set<string>();
  for await (const entry of tarEntries(unpacked(layer, chunks(content, layer.digest, options)))) {
    const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
    const folder = entry.path.slice(0, Math.max(0, entry.path.length - name.length - 1));
    if (name === OPAQUE) opaque.add(folder);
    else if (name.startsWith(WHITEOUT)) {
      const removed = [folder, name.slice(WHITEOUT.length)].filter((part) => part !== "").join("/");
      // A whiteout is about the layers below: what this layer has itself stays.
      if (wanted.has(removed) && !entries.has(removed))
        entries.set(removed, { kind: "whiteout", link: "", text: undefined });
    } else if (wanted.has(entry.path)) {
      entries.set(entry.path, { kind: entry.kind, link: entry.link, text: await textOf(entry) });
    }
  }
  return { entries, opaque };
}

async function textOf(entry: TarEntry): Promise<string | undefined> {
  if (entry.kind !== "file") return undefined;
  const content = await entry.content(MAX_BYTES);
  if (content !== undefined) return content.toString("utf8");
  throw new RuntimeError("IMAGE_INVALID", `/${entry.path} of the image has ${String(entry.size)} bytes`, {
    hint: `at most ${String(MAX_BYTES)} are read`,
  });
}

async function* chunks(content: LayerContent, digest: string, options: Options): AsyncGenerator<Uint8Array> {
  for await (const { data } of content.read({ digest }, options)) yield data;
}

function unpacked(layer: Descriptor, data: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // What goes wrong on the way in comes out of the iteration.
  if (layer.mediaType.endsWith("gzip")) return pipeline(Readable.from(data), createGunzip(), () => undefined);
  if (layer.mediaType.endsWith("tar")) return data;
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    `the image's user files cannot be read: a layer is ${layer.mediaType}`,
    {
      hint: "give the user as numbers, uid:gid",
    },
  );
}
