import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { tempFolder, type TempFolder } from "../../testing/temp-folder.js";
import { findCdiDevices } from "./find-cdi-devices.js";

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(folder.at("etc"));
  await mkdir(folder.at("run"));
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const SPEC = {
  cdiVersion: "0.6.0",
  kind: "vendor.com/thing",
  containerEdits: { env: ["ALL=1"] },
  devices: [
    {
      name: "zero",
      containerEdits: { deviceNodes: [{ path: "/dev/thing", hostPath: "/dev/zero", permissions: "rw" }] },
    },
    {
      name: "given",
      containerEdits: { deviceNodes: [{ path: "/dev/g", type: "c", major: 9, minor: 1, fileMode: 384 }] },
    },
    { name: "gone", containerEdits: { deviceNodes: [{ path: "/dev/does-not-exist" }] } },
  ],
};

async function write(place: string, content: unknown, mode = 0o644): Promise<void> {
  await writeFile(folder.at(place), typeof content === "string" ? content : JSON.stringify(content));
  await chmod(folder.at(place), mode);
}

function find(...names: readonly string[]): ReturnType<typeof findCdiDevices> {
  return findCdiDevices(names, [folder.at("etc"), folder.at("run")]);
}

describe("devices that files describe", () => {
  test("get the numbers of the host's node, and the edits for all devices of the file once", async () => {
    await write("etc/thing.json", SPEC);
    const edits = await find("vendor.com/thing=zero", "vendor.com/thing=given");
    expect(edits.flatMap(({ devices }) => devices)).toEqual([
      { node: expect.objectContaining({ path: "/dev/thing", type: "c", major: 1, minor: 5 }), access: "rw" },
      { node: { path: "/dev/g", type: "c", major: 9, minor: 1, fileMode: 384 }, access: "rwm" },
    ]);
    expect(edits.flatMap(({ env }) => env)).toEqual(["ALL=1"]);
  });

  test("may be described in YAML", async () => {
    await write(
      "run/thing.yaml",
      'cdiVersion: "0.5.0"\nkind: vendor.com/thing\ndevices:\n- name: "0"\n  containerEdits:\n    env:\n    - A=1\n    hooks:\n    - hookName: createContainer\n      path: /usr/bin/x\n      args: [x, "y"]\n    mounts:\n    - hostPath: /a\n      containerPath: /b\n      options: [ro]\n',
    );
    expect(await find("vendor.com/thing=0")).toMatchObject([
      {
        env: ["A=1"],
        hooks: [{ name: "createContainer", hook: { path: "/usr/bin/x", args: ["x", "y"] } }],
        mounts: [{ source: "/a", destination: "/b", type: "bind", options: ["ro"] }],
      },
      {},
    ]);
  });

  test("are taken from the later folder where both have them", async () => {
    await write("etc/thing.json", { ...SPEC, containerEdits: { env: ["FROM=etc"] } });
    await write("run/thing.json", { ...SPEC, containerEdits: { env: ["FROM=run"] } });
    expect((await find("vendor.com/thing=given")).flatMap(({ env }) => env)).toEqual(["FROM=run"]);
  });

  test("that no file has are refused, and those that there are named", async () => {
    await write("etc/thing.json", SPEC);
    await expect(find("vendor.com/thing=nine")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: expect.stringContaining("vendor.com/thing=zero"),
    });
    await expect(findCdiDevices(["a.b/c=d"], [folder.at("nowhere")])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });

  test("that two files of one folder describe are refused", async () => {
    await write("etc/a.json", SPEC);
    await write("etc/b.json", SPEC);
    await expect(find("vendor.com/thing=zero")).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  test("whose node the host does not have are refused", async () => {
    await write("etc/thing.json", SPEC);
    await expect(find("vendor.com/thing=gone")).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  test.each([
    ["that others can write to", SPEC, 0o666],
    ["that is no JSON", "{", 0o644],
    ["of a kind that is none", { ...SPEC, kind: "thing" }, 0o644],
    ["with an edit that is not known", { ...SPEC, containerEdits: { magic: 1 } }, 0o644],
    ["with a hook that is none", { ...SPEC, containerEdits: { hooks: [{ hookName: "whenever", path: "/x" }] } }, 0o644],
    ["with a relative path", { ...SPEC, containerEdits: { deviceNodes: [{ path: "dev/x" }] } }, 0o644],
    ["with a version that is none", { ...SPEC, cdiVersion: "new" }, 0o644],
  ])("a file %s is not used", async (_name, content, mode) => {
    await write("etc/thing.json", content, mode);
    await expect(find("vendor.com/thing=zero")).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  test("a link in the place of a file is not followed", async () => {
    await write("thing.json", SPEC);
    await symlink(folder.at("thing.json"), folder.at("etc/thing.json"));
    await expect(find("vendor.com/thing=zero")).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });
});
