import { chmod, lutimes, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { tempFolder } from "../testing/temp-folder.js";
import { compareTrees } from "./compare-trees.js";

const THEN = new Date(1_000_000_000_000);

async function file(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o644 });
  await lutimes(path, THEN, THEN);
}

test("tells what was added, changed and deleted, and of folders what is in them", async () => {
  await using folder = await tempFolder();
  for (const tree of ["now", "before"]) {
    await mkdir(folder.at(tree, "kept/deep"), { recursive: true });
    await mkdir(folder.at(tree, "touched"));
    await mkdir(folder.at(tree, "mode"));
    await file(folder.at(tree, "kept/deep/same"), "same");
    await file(folder.at(tree, "touched/grown"), tree);
    await file(folder.at(tree, "touched/gone"), "x");
    await file(folder.at(tree, "becomes"), "a file");
  }
  await rm(folder.at("now/touched/gone"));
  await chmod(folder.at("now/mode"), 0o700);
  await rm(folder.at("now/becomes"));
  await mkdir(folder.at("now/becomes/new"), { recursive: true });
  await symlink("/etc", folder.at("now/link"));
  const trees = { now: folder.at("now"), before: folder.at("before"), comparesOwners: true };
  expect(await compareTrees(trees, {})).toEqual([
    { kind: "changed", path: "/becomes" },
    { kind: "added", path: "/becomes/new" },
    { kind: "added", path: "/link" },
    { kind: "changed", path: "/mode" },
    { kind: "changed", path: "/touched" },
    { kind: "deleted", path: "/touched/gone" },
    { kind: "changed", path: "/touched/grown" },
  ]);
  // Only what the container's own layer has is looked at, and what is gone.
  await mkdir(folder.at("own/touched"), { recursive: true });
  expect(await compareTrees({ ...trees, own: folder.at("own") }, {})).toEqual([
    { kind: "added", path: "/link" },
    { kind: "changed", path: "/touched" },
    { kind: "deleted", path: "/touched/gone" },
  ]);
});

test("leaves out what a runtime makes to mount on, and nothing that somebody has put there", async () => {
  await using folder = await tempFolder();
  await mkdir(folder.at("before"));
  for (const path of ["dev", "etc", "left/by", "mode/of", "proc/1"]) {
    await mkdir(folder.at("now", path), { recursive: true, mode: 0o755 });
  }
  await file(folder.at("now/etc/hosts"), "");
  await file(folder.at("now/etc/hostname"), "not empty");
  await file(folder.at("now/etc/other"), "");
  await file(folder.at("now/left/by/hosts"), "");
  await file(folder.at("now/mode/of/hosts"), "");
  await symlink("dev", folder.at("now/link"));
  await chmod(folder.at("now/mode/of"), 0o700);
  const mountPoints = ["/dev", "/etc/hosts", "/etc/hostname", "/left/by/hosts", "/link", "/mode/of/hosts", "/proc"];
  const trees = { now: folder.at("now"), before: folder.at("before"), comparesOwners: true };
  const added = ["/etc", "/etc/hostname", "/etc/other", "/link", "/mode", "/mode/of", "/proc", "/proc/1"];
  expect(await compareTrees({ ...trees, mountPoints }, {})).toEqual(added.map((path) => ({ kind: "added", path })));
  // What is the image's and was changed is told, whatever is mounted over it.
  await mkdir(folder.at("before/dev"), { mode: 0o700 });
  expect(await compareTrees({ ...trees, mountPoints }, {})).toContainEqual({ kind: "changed", path: "/dev" });
});
