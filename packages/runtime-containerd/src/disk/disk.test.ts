import { link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { folderBytes } from "./folder-bytes.js";
import { keptBy, reachable, type Stored } from "./stored-things.js";

describe("a folder's bytes", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "voiyd-bytes-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("are what du says: a file with two names counts once", async () => {
    await mkdir(join(folder, "a", "b"), { recursive: true });
    await writeFile(join(folder, "a", "b", "file"), Buffer.alloc(100_000));
    await link(join(folder, "a", "b", "file"), join(folder, "again"));
    await writeFile(join(folder, "small"), "x");
    const [du] = execFileSync("du", ["-sxB1", folder]).toString().split("\t");
    expect(await folderBytes(folder, {})).toBe(Number(du));
  });

  test("are none where there is no folder, and are not counted on for who has lost interest", async () => {
    expect(await folderBytes(join(folder, "nothing"), {})).toBe(0);
    const reason = new Error("enough");
    await expect(folderBytes(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("what is stored", () => {
  const blob = (digest: string, labels: Record<string, string> = {}): [string, Stored] => [
    digest,
    { kind: "blob", subject: digest, bytes: 10, keeps: keptBy(labels, "overlayfs") },
  ];
  const layer = (key: string, ...keeps: string[]): [string, Stored] => [
    `snapshot ${key}`,
    { kind: "layer", subject: key, bytes: 7, keeps },
  ];

  test("is got to from an image as the collector goes: by labels of blobs, and by the parents of snapshots", () => {
    const things = new Map([
      blob("index", { "containerd.io/gc.ref.content.m.0": "manifest", "containerd.io/gc.ref.content": "index" }),
      blob("manifest", {
        "containerd.io/gc.ref.content.config": "config",
        "containerd.io/gc.ref.content/0": "blob",
        "containerd.io/gc.ref.contents": "other",
      }),
      blob("config", {
        "containerd.io/gc.ref.snapshot.overlayfs": "top",
        "containerd.io/gc.ref.snapshot.native": "loose",
      }),
      blob("blob"),
      blob("other"),
      layer("base"),
      layer("top", "snapshot base"),
      layer("loose"),
    ]);
    expect([...reachable(things, ["index"])].sort()).toEqual([
      "blob",
      "config",
      "index",
      "manifest",
      "snapshot base",
      "snapshot top",
    ]);
    expect([...reachable(things, ["gone"])]).toEqual([]);
  });
});
