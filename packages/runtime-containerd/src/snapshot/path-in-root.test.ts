import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { pathInRoot } from "./path-in-root.js";

let folder: TempFolder;
let root: string;

beforeEach(async () => {
  folder = await tempFolder();
  root = folder.at("root");
  await mkdir(folder.at("root", "etc"), { recursive: true });
  await mkdir(folder.at("root", "usr", "lib"), { recursive: true });
  await writeFile(folder.at("root", "etc", "passwd"), "inside");
  await writeFile(folder.at("passwd"), "outside");
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Where a path inside the root ends; a link is what follows it. */
async function find(path: string, links: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  for (const [name, target] of Object.entries(links)) await symlink(target, folder.at("root", name));
  return (await pathInRoot(root, path))?.slice(root.length);
}

describe("a path inside a root", () => {
  test.each([
    ["/etc/passwd", "/etc/passwd"],
    ["etc/passwd", "/etc/passwd"],
    ["//etc/./passwd/", "/etc/passwd"],
    ["/etc/../etc/passwd", "/etc/passwd"],
    ["/usr", "/usr"],
    ["/", ""],
  ])("%j is %j", async (path, expected) => {
    expect(await find(path)).toBe(expected);
  });

  test.each([["/absent"], ["/etc/absent/more"], ["/etc/passwd/below-a-file"]])("%j is nothing", async (path) => {
    expect(await find(path)).toBeUndefined();
  });

  test.each([["/../passwd"], ["/../../../../passwd"], ["/etc/../../passwd"]])(
    "%j cannot go above the root",
    async (path) => {
      expect(await find(path)).toBeUndefined();
    },
  );
});

describe("a symlink inside a root", () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ["relative", "/link", { link: "etc/passwd" }, "/etc/passwd"],
    ["absolute, which begins at the root", "/link", { link: "/etc/passwd" }, "/etc/passwd"],
    ["to a folder in the middle", "/lib/../etc", { lib: "usr/lib" }, undefined],
    ["to a folder, and back from where it leads", "/lib/../lib", { lib: "usr/lib" }, "/usr/lib"],
    ["of a link of a link", "/a", { a: "b", b: "/c", c: "etc/passwd" }, "/etc/passwd"],
    ["above the root", "/link", { link: "../passwd" }, undefined],
    ["far above the root, and down to what is inside", "/link", { link: "../../../../../etc/passwd" }, "/etc/passwd"],
    ["to nothing", "/link", { link: "absent" }, undefined],
    ["to itself", "/link", { link: "link" }, undefined],
    ["in a circle", "/a", { a: "b", b: "a" }, undefined],
    ["to a path below itself", "/a", { a: "a/b" }, undefined],
    ["to the root", "/link/etc/passwd", { link: "/" }, "/etc/passwd"],
  ])("%s: %j with %j is %j", async (_what, path, links, expected) => {
    expect(await find(path, links)).toBe(expected);
  });

  test("to a file of the host by its whole path does not lead there", async () => {
    await symlink(folder.at("passwd"), folder.at("root", "etc", "shadow"));
    expect(await pathInRoot(root, "/etc/shadow")).toBeUndefined();
  });

  test("may be followed forty times, and no more", async () => {
    await symlink("/etc/passwd", folder.at("root", "l1"));
    for (let index = 2; index <= 41; index++) await symlink(`l${index - 1}`, folder.at("root", `l${index}`));
    expect(await find("/l40")).toBe("/etc/passwd");
    expect(await find("/l41")).toBeUndefined();
  });
});

test("no mixture of links and steps leads outside", async () => {
  const step = fc.constantFrom("..", ".", "", "etc", "usr", "lib", "passwd", "x", "y", "z");
  const path = fc.array(step, { maxLength: 6 }).map((steps) => steps.join("/"));
  const target = fc.tuple(fc.boolean(), path).map(([absolute, rest]) => (absolute ? `/${rest}` : rest || "."));
  let round = 0;
  await fc.assert(
    fc.asyncProperty(target, target, target, path, async (x, y, z, asked) => {
      const here = folder.at(`round-${round++}`);
      await mkdir(`${here}/etc`, { recursive: true });
      await mkdir(`${here}/usr/lib`, { recursive: true });
      await writeFile(`${here}/etc/passwd`, "inside");
      await symlink(x, `${here}/x`);
      await symlink(y, `${here}/usr/y`);
      await symlink(z, `${here}/usr/lib/z`);
      const found = await pathInRoot(here, asked);
      expect(found === undefined || found === here || found.startsWith(`${here}/`)).toBe(true);
      // Whatever it is, it is reached without following a link any more.
      if (found?.endsWith("passwd") === true) expect(await readFile(found, "utf8")).toBe("inside");
    }),
    { numRuns: 200 },
  );
});
