import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { runCommand } from "../host/command.js";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { OverlayOpacity } from "./overlay-opacity.js";
import { overlayPath } from "./overlay-path.js";

/** A layer: paths and what is there; `->x` is a symlink, `!` a whiteout, `/` at the end a folder, `*` an opaque one. */
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
        if (content === "*") makeOpaque(place);
        if (path.endsWith("/")) continue;
        if (content === "!") execFileSync("mknod", [place, "c", "0", "0"]);
        else if (content.startsWith("->")) await symlink(content.slice(2), place);
        else await writeFile(place, content);
      }
      return root;
    }),
  );
}

/** Sets the attribute as an archive does, because no program for attributes is on every host. */
function makeOpaque(place: string): void {
  const header = (name: string, type: string, size: number): Buffer => {
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write("0000755\0" + "0000000\0".repeat(2), 100);
    block.write(`${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        ${type}`, 124);
    block.write("ustar\x0000", 257, "latin1");
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return block;
  };
  const record = "41 SCHILY.xattr.trusted.overlay.opaque=y\n";
  const pax = Buffer.alloc(512);
  pax.write(record);
  const archive = [header("pax", "x", record.length), pax, header(`${basename(place)}/`, "5", 0), Buffer.alloc(1024)];
  execFileSync("tar", ["-x", "--xattrs", "--xattrs-include=trusted.overlay.opaque", "-C", dirname(place), "-f", "-"], {
    input: Buffer.concat(archive),
  });
}

const CASES: readonly (readonly [name: string, layers: readonly Layer[], expected: string])[] = [
  ["a file of the only layer", [{ "etc/passwd": "a" }], "0:etc/passwd"],
  ["nothing", [{ "etc/group": "a" }], "absent"],
  ["no folder", [{ "bin/sh": "a" }], "absent"],
  ["a file of the uppermost of several", [{ "etc/passwd": "a" }, { "etc/passwd": "b" }], "0:etc/passwd"],
  ["a folder that only a lower layer has", [{ "srv/x": "a" }, { "etc/passwd": "b" }], "1:etc/passwd"],
  ["a folder in two layers, the file in the lower", [{ "etc/x": "a" }, { "etc/passwd": "b" }], "1:etc/passwd"],
  [
    "a folder in many layers",
    [{ "etc/x": "a" }, { "etc/y": "a" }, { "etc/z": "a" }, { "etc/passwd": "b" }],
    "3:etc/passwd",
  ],
  ["an opaque folder over it", [{ "etc/": "*", "etc/x": "a" }, { "etc/passwd": "b" }], "absent"],
  ["an opaque folder between", [{ "etc/x": "a" }, { "etc/": "*" }, { "etc/passwd": "b" }], "absent"],
  ["an opaque folder with the file", [{ "etc/x": "a" }, { "etc/": "*", "etc/passwd": "b" }], "1:etc/passwd"],
  ["an opaque folder below it", [{ "etc/x": "a" }, { "etc/passwd": "b" }, { "etc/": "*" }], "1:etc/passwd"],
  ["an opaque folder higher up", [{ "etc/passwd": "->/a/b/c", "a/": "*", "a/b/x": "a" }, { "a/b/c": "b" }], "absent"],
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
    const needsRoot = layers.some((layer) =>
      Object.values(layer).some((content) => content === "!" || content === "*"),
    );
    if (needsRoot && !asRoot)
      process.stderr.write(`skipped: ${name}: making a whiteout or an opaque folder needs root\n`);
    (needsRoot && !asRoot ? test.skip : test)(name, async () => {
      const roots = await build(layers);
      const opacity = new OverlayOpacity(runCommand);
      const isHidden = (folders: readonly string[]): Promise<boolean | undefined> =>
        opacity.any(folders, () => true, {});
      const found = await overlayPath(roots, "/etc/passwd", isHidden);
      if (found.kind !== "found") {
        expect(found.kind).toBe(expected);
        return;
      }
      const layer = roots.findIndex((root) => found.path.startsWith(`${root}/`));
      expect(`${String(layer)}:${found.path.slice((roots[layer] ?? "").length + 1)}`).toBe(expected);
    });
  }
});

describe("the opacity of folders", () => {
  test("is asked for once, but for folders that can change", async () => {
    const root = await build([{ "etc/x": "a" }]);
    let times = 0;
    const opacity = new OverlayOpacity((file, args, options) => {
      times++;
      return runCommand(file, args, options);
    });
    const folders = [join(root[0] ?? "", "etc")];
    for (const finished of [true, true, true]) expect(await opacity.any(folders, () => finished, {})).toBe(false);
    expect(times).toBe(1);
    const other = [root[0] ?? ""];
    for (const finished of [false, false]) expect(await opacity.any(other, () => finished, {})).toBe(false);
    expect(times).toBe(3);
  });

  test.each<[string, () => Promise<{ stdout: string; stderr: string }>]>([
    ["does not know the options", () => Promise.reject(new Error("unrecognized option"))],
    ["leaves something out", () => Promise.resolve({ stdout: "", stderr: "" })],
    ["writes something else", () => Promise.resolve({ stdout: "no archive".repeat(100), stderr: "" })],
  ])("is not known where tar %s", async (_, answer) => {
    const opacity = new OverlayOpacity(answer);
    expect(await opacity.any(["/some/folder"], () => true, {})).toBeUndefined();
    expect(
      await overlayPath(await build([{ "etc/x": "a" }, { "etc/passwd": "b" }]), "/etc/passwd", async () => undefined),
    ).toEqual({
      kind: "unsure",
    });
  });
});
