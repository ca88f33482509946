import { describe, expect, test } from "@jest/globals";
import type { Mount, VolumesFrom } from "@voiyd/runtime-api";
import { assertNoRelabelling } from "./relabel.js";
import { parseVolume } from "./volume.js";
import { parseVolumesFrom } from "./volumes-from.js";

const refusal: unknown = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("a volume", () => {
  test.each<[string, Mount]>([
    ["/a:/b", { type: "bind", source: "/a", destination: "/b" }],
    ["/a:/b:ro", { type: "bind", source: "/a", destination: "/b", readOnly: true }],
    ["/a:/b:rw,rbind,cached", { type: "bind", source: "/a", destination: "/b" }],
    ["/a:/b:rro", { type: "bind", source: "/a", destination: "/b", readOnly: true, readOnlyDepth: "recursive" }],
    ["/a:/b:ro,rshared", { type: "bind", source: "/a", destination: "/b", readOnly: true, propagation: "rshared" }],
    ["/a:/b:bind", { type: "bind", source: "/a", destination: "/b", nonRecursive: true }],
    ["/a:/b:z", { type: "bind", source: "/a", destination: "/b" }],
    ["./data:/b", { type: "bind", source: "/home/ada/data", destination: "/b" }],
    [".:/b", { type: "bind", source: "/home/ada", destination: "/b" }],
    ["../data:/b", { type: "bind", source: "/home/data", destination: "/b" }],
    ["/a/../c:/b", { type: "bind", source: "/c", destination: "/b" }],
    ["/b", { type: "volume", destination: "/b" }],
    ["data:/b", { type: "volume", name: "data", destination: "/b" }],
    ["data:/b:ro,nocopy", { type: "volume", name: "data", destination: "/b", readOnly: true, noCopy: true }],
  ])("%s is understood", (text, expected) => {
    expect(parseVolume(text, "/home/ada").mount).toEqual(expected);
  });

  test.each([
    ...["", "data", "/a:", ":/b", "/a:/b:", "/a:b", "/a:/b:ro:rw", "/a:/b:ro,,", "::", "/a:/b:ro,rw", "/a:/b:ro,ro"],
    ...["/a:/b:bogus", "a/b:/y", "~/x:/y", "d:/x", "x:/b:rshared", "/a:/b:nocopy", "data:/b:rro"],
  ])("%j is refused", (text) => {
    expect(() => parseVolume(text, "/home/ada")).toThrow(refusal);
  });

  test("z and Z change nothing on a host without SELinux, and are refused on one with it", async () => {
    expect(parseVolume("/a:/b:Z", "/").relabel).toBe(true);
    expect(parseVolume("/a:/b", "/").relabel).toBe(false);
    await assertNoRelabelling("/a:/b:Z", { readFile: () => Promise.reject(new Error("ENOENT")) });
    await expect(assertNoRelabelling("/a:/b:Z", { readFile: () => Promise.resolve("1") })).rejects.toThrow(refusal);
  });
});

describe("volumes from a container", () => {
  test.each<[string, VolumesFrom]>([
    ["db", { container: "db" }],
    ["db:rw", { container: "db" }],
    ["db:ro", { container: "db", readOnly: true }],
    ["db:ro,z", { container: "db", readOnly: true }],
    ["db:z", { container: "db" }],
  ])("%s is understood", (text, expected) => {
    expect(parseVolumesFrom(text)).toEqual(expected);
  });

  test.each(["", ":ro", "db:", "db:foo", "db:ro:z"])("%j is refused", (text) => {
    expect(() => parseVolumesFrom(text)).toThrow(refusal);
  });
});
