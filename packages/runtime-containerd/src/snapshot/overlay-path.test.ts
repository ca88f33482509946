import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { overlayPath } from "./overlay-path.js";

/** A layer: paths and what is there; `->x` is a symlink, `!` a whiteout, `/` at the end a folder. */
type Layer = Readonly<Record<string, string>>;

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

async function build(layers: readonly Layer[]): Promise<string[]> {
  return Promise.all(
    layers.map(async (layer, index) => {
      const root = join(folder.path, `layer-${String(index)}`);
      await mkdir(root, { recursive: true });
      for (const [path, content] of Object.entries(layer)) {
        const place = join(root, path);
        await mkdir(path.endsWith("/") ? place : dirname(place), { recursive: true });
        if (path.endsWith("/")) continue;
        if (content === "!") execFileSync("mknod", [place, "c", "0", "0"]);
        else if (content.startsWith("->")) await symlink(content.slice(2), place);
        else await writeFile(place, content);
      }
      return root;
    }),
  );
}

const CASES: readonly (readonly [name: string, layers: readonly Layer[], expected: string])[] = [
  ["a file of the only layer", [{ "etc/passwd": "a" }], "0:etc/passwd"],
  ["nothing", [{ "etc/group": "a" }], "absent"],
  ["no folder", [{ "bin/sh": "a" }], "absent"],
  ["a file of the uppermost of several", [{ "etc/passwd": "a" }, { "etc/passwd": "b" }], "0:etc/passwd"],
  ["a folder that only a lower layer has", [{ "srv/x": "a" }, { "etc/passwd": "b" }], "1:etc/passwd"],
  [
    "a folder in two layers, the file in the lower: opacity decides",
    [{ "etc/x": "a" }, { "etc/passwd": "b" }],
    "unsure",
  ],
  ["a folder in two layers, the file in neither", [{ "etc/x": "a" }, { "etc/y": "b" }], "absent"],
  ["a file that was removed", [{ "etc/passwd": "!" }, { "etc/passwd": "b" }], "absent"],
  ["a folder that was removed", [{ etc: "!" }, { "etc/passwd": "b" }], "absent"],
  ["a folder that became a file", [{ etc: "a" }, { "etc/passwd": "b" }], "absent"],
  ["a relative link", [{ "etc/passwd": "->../usr/passwd", "usr/passwd": "a" }], "0:usr/passwd"],
  ["an absolute link, within the image", [{ "etc/passwd": "->/usr/passwd", "usr/passwd": "a" }], "0:usr/passwd"],
  ["a link of a folder into a lower layer", [{ etc: "->/usr/etc" }, { "usr/etc/passwd": "a" }], "1:usr/etc/passwd"],
  ["a link that wants to leave", [{ "etc/passwd": "->../../../../../../passwd", passwd: "a" }], "0:passwd"],
  ["a link to itself", [{ "etc/passwd": "->passwd" }], "absent"],
  ["a link to nothing", [{ "etc/passwd": "->/nowhere" }], "absent"],
  ["a file in the place of a folder on the way", [{ "etc/passwd/": "", etc2: "" }], "0:etc/passwd"],
];

// Only root may make a whiteout, which is a device node.
const asRoot = process.getuid?.() === 0;

describe("a path in an overlay that is not mounted", () => {
  for (const [name, layers, expected] of CASES) {
    const needsRoot = layers.some((layer) => Object.values(layer).includes("!"));
    if (needsRoot && !asRoot) process.stderr.write(`skipped: ${name}: making a whiteout needs root\n`);
    (needsRoot && !asRoot ? test.skip : test)(name, async () => {
      const roots = await build(layers);
      const found = await overlayPath(roots, "/etc/passwd");
      if (found.kind !== "found") {
        expect(found.kind).toBe(expected);
        return;
      }
      const layer = roots.findIndex((root) => found.path.startsWith(`${root}/`));
      expect(`${String(layer)}:${found.path.slice((roots[layer] ?? "").length + 1)}`).toBe(expected);
    });
  }
});
