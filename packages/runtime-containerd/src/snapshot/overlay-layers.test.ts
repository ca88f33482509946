import { describe, expect, test } from "@jest/globals";
import { mountRootfs, overlayLayers } from "./mounted-rootfs.js";

const mount = (type: string, source: string, options: string[] = []): Parameters<typeof mountRootfs>[0][number] => ({
  $typeName: "containerd.types.Mount",
  type,
  source,
  target: "",
  options,
});

test.each<[string[], string[]]>([
  [
    ["index=off", "workdir=/w", "upperdir=/u", "lowerdir=/l2:/l1"],
    ["/u", "/l2", "/l1"],
  ],
  [["lowerdir=/l1"], ["/l1"]],
  [["lowerdir=/a=b:/l1"], ["/a=b", "/l1"]],
  [["upperdir=/u"], ["/u"]],
  [["ro"], []],
  [[], []],
])("the layers of an overlay with the options %j are %j, the uppermost first", (options, layers) => {
  expect(overlayLayers(options)).toEqual(layers);
});

describe("a snapshot's files are read", () => {
  test.each([
    ["where a single layer is bound", mount("bind", "/snapshots/1/fs")],
    ["where a single layer is bound with what is below it", mount("rbind", "/snapshots/1/fs")],
    ["where an overlay has one layer", mount("overlay", "overlay", ["lowerdir=/snapshots/1/fs"])],
  ])("%s, without a mount", async (_what, only) => {
    await using rootfs = await mountRootfs([only], "/nowhere", {});
    expect(rootfs.root).toBe("/snapshots/1/fs");
  });

  test.each([
    ["nothing", []],
    ["two mounts", [mount("bind", "/a"), mount("bind", "/b")]],
    ["a block device", [mount("ext4", "/dev/loop0")]],
    ["an overlay without layers", [mount("overlay", "overlay")]],
  ])("but not where it is %s: a number is asked for", async (_what, mounts) => {
    await expect(mountRootfs(mounts, "/nowhere", {})).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      hint: expect.stringContaining("uid"),
    });
  });
});
