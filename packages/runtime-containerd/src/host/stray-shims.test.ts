import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { shimSocketPath } from "./shim-socket.js";
import { strayShims } from "./stray-shims.js";

let proc: TempFolder;

beforeEach(async () => {
  proc = await tempFolder();
});
afterEach(async () => {
  await proc[Symbol.asyncDispose]();
});

async function plant(pid: number, parent: number, name: string, cwd: string, args: readonly string[]): Promise<void> {
  const own = (file: string): string => proc.at(String(pid), file);
  await mkdir(proc.at(String(pid)));
  await writeFile(own("comm"), `${name}\n`);
  await writeFile(own("cmdline"), args.map((arg) => `${arg}\0`).join(""));
  await writeFile(own("stat"), `${String(pid)} (${name} 2) S ${String(parent)} 1 1 0`);
  await symlink(cwd, own("cwd"));
}

const plantShim = (pid: number, id: string, cwd: string): Promise<void> =>
  plant(pid, 1, "containerd-shim", cwd, ["shim", "-namespace", "blue", "-id", id, "-address", "/sock"]);

const found = async (during?: () => Promise<void>): Promise<string[]> => {
  const strays = strayShims(({ namespace }) => namespace === "blue", { proc: proc.path, momentMs: 50 });
  await during?.();
  return (await strays).map(({ id }) => id);
};

test("a shim is stray whose bundle was removed, and which has no process", async () => {
  await plantShim(10, "living", "/state/living");
  await plantShim(11, "stray", "/state/.stray (deleted)");
  await plantShim(12, "busy", "/state/.busy (deleted)");
  await plant(13, 12, "sh", "/", ["sh"]);
  expect(await found()).toEqual(["stray"]);
});

test("one is not stray that listens for a group: it is named after a container that is gone, and has others", async () => {
  const listens = async (pid: number, path: string): Promise<void> => {
    const own = (...names: string[]): string => proc.at(String(pid), ...names);
    await mkdir(own("fd"));
    await symlink("/dev/null", own("fd", "0"));
    await symlink("socket:[77]", own("fd", "3"));
    await mkdir(own("net"));
    const line = (inode: number, name: string): string => `ffff: 00000002 00000000 00010000 0001 01 ${inode} ${name}\n`;
    await writeFile(own("net", "unix"), `Num RefCount\n${line(76, "/run/containerd/s/other")}${line(77, path)}`);
  };
  await plantShim(10, "shared", "/state/.shared (deleted)");
  await listens(10, "/run/containerd/s/of-a-group");
  await plantShim(11, "alone", "/state/.alone (deleted)");
  await listens(11, shimSocketPath("/sock", "blue", "alone"));
  expect(await found()).toEqual(["alone"]);
});

test("one that ends within a moment is none, and neither is who has its pid by then", async () => {
  await plantShim(10, "ending", "/state/.ending (deleted)");
  expect(
    await found(async () => {
      await rm(proc.at("10"), { recursive: true });
      await plantShim(11, "next", "/state/.next (deleted)");
    }),
  ).toEqual([]);
});
