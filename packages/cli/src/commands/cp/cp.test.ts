import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PathStat } from "@voiyd/runtime-api";
import { RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../../testing/fake-surroundings.js";
import { type End, isContent, planCopy, readOperand, splitPath } from "./path-rules.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });

/** A container with these files in it. */
function host(kinds: Readonly<Record<string, PathStat["kind"]>> = {}): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime([web], {
    statPath: async (_ref, path) => {
      const kind = kinds[path.replace(/(?<=.)\/\.?$/, "")];
      if (kind === undefined) throw new RuntimeError("NOT_FOUND", `there is no ${path}`, { details: { path } });
      const name = splitPath(path).name;
      const target = kind === "symlink" ? { target: "/real" } : {};
      return { name, kind, size: 1, mode: 0o644, modified: new Date(0), ...target };
    },
  });
  return [new FakeSurroundings(fake.runtime), fake];
}

describe("the rules for paths", () => {
  const folder: End = { path: "/a/folder", kind: "directory" };
  const file: End = { path: "/a/file", kind: "file" };
  test.each<[string, End, End, ReturnType<typeof planCopy>]>([
    ["a file into a folder", file, { path: "/t", kind: "directory" }, { folder: "/t", name: undefined }],
    ["a folder into a folder", folder, { path: "/t/", kind: "directory" }, { folder: "/t/", name: undefined }],
    ["a file over a file", file, { path: "/t/f", kind: "file" }, { folder: "/t", name: "f" }],
    ["a file to nothing", file, { path: "/t/n", kind: undefined }, { folder: "/t", name: "n" }],
    ["a folder to nothing", folder, { path: "/t/n/", kind: undefined }, { folder: "/t", name: "n" }],
    ["a folder over a file", folder, { path: "/t", kind: "file" }, { refused: "cannot copy a folder: /t is a file" }],
    ["a file to no folder", file, { path: "/n/", kind: undefined }, { refused: "there is no folder /n/" }],
    ["a file to a device", file, { path: "/n", kind: "other" }, { refused: "/n must be a folder or a regular file" }],
  ])("%s", (_what, source, target, plan) => {
    expect(planCopy(source, target)).toEqual(plan);
  });

  test.each([
    ["web:/etc", { kind: "container", container: "web", path: "/etc" }],
    ["web:etc:x", { kind: "container", container: "web", path: "etc:x" }],
    ["./web:etc", { kind: "local", path: "./web:etc" }],
    ["/web:etc", { kind: "local", path: "/web:etc" }],
    ["file", { kind: "local", path: "file" }],
    ["-", { kind: "stream" }],
  ])("%s is read as Docker does", (text, operand) => {
    expect(readOperand(text)).toEqual(operand);
  });

  test("no path has a name that leads elsewhere", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "..", ".", ""), { maxLength: 6 }), (parts) => {
        const path = `/${parts.join("/")}`;
        const { folder: within, name } = splitPath(path);
        expect(name).toMatch(/^(?:a|\.)$/);
        expect(within).toMatch(/^\/(?:a(?:\/a)*)?$/);
        expect(isContent(path)).toBe(path.endsWith("/."));
      }),
    );
  });
});

describe("cp", () => {
  test.each<[string[], string]>([
    [["web:/etc/file", "."], "unpack in /home/ada"],
    [["web:/etc/file", "new"], "unpack in /home/ada file becomes new"],
    [["-a", "web:/etc", "new"], "unpack in /home/ada etc becomes new with owners"],
    [["web:/etc/.", "/home/ada"], "unpack in /home/ada"],
    [["web:/etc/.", "new"], "unpack in /home/ada . becomes new"],
    [["web:/link", "/home/ada"], "unpack in /home/ada"],
    [["-L", "web:/link", "/home/ada"], "unpack in /home/ada real becomes link"],
  ])("%j comes out", async (args, done) => {
    const [around] = host({ "/etc": "directory", "/etc/file": "file", "/link": "symlink", "/real": "file" });
    expect([await around.main("cp", ...args), around.stderr.text]).toEqual([0, ""]);
    expect(around.copies).toEqual([done]);
  });

  test.each<[string[], string, string]>([
    [["file", "web:/etc"], "pack /home/ada/file as file", "copy to web /etc 6"],
    [["-a", "file", "web:/etc/new"], "pack /home/ada/file as new", "copy to web /etc 6 with owners"],
    [["-L", "file", "web:/etc"], "pack /home/ada/file as file followed", "copy to web /etc 6"],
    [["dir/.", "web:/etc"], "pack /home/ada/dir/. as . followed", "copy to web /etc 6"],
    [["dir", "web:/link"], "pack /home/ada/dir as dir", "copy to web /real 6"],
    [["dir/.", "web:/new"], "pack /home/ada/dir/. as new followed", "copy to web / 6"],
  ])("%j goes in", async (args, packed, copied) => {
    const [around, { calls }] = host({ "/etc": "directory", "/link": "symlink", "/real": "directory" });
    around.localKinds.set("/home/ada/file", "file").set("/home/ada/dir", "directory");
    expect([await around.main("cp", ...args), around.stderr.text]).toEqual([0, ""]);
    expect(around.copies).toEqual([packed]);
    expect(calls).toEqual([copied]);
  });

  test("takes an archive from standard input and writes one to standard output", async () => {
    const [around, { calls }] = host({ "/etc": "directory" });
    around.input = "archive";
    expect(await around.main("cp", "-", "web:/etc")).toBe(0);
    expect(await around.main("cp", "web:/etc", "-")).toBe(0);
    expect(calls).toEqual(["copy to web /etc 7", "copy from web /etc"]);
    expect(around.stdout.bytes).toHaveLength(1024);
    around.stdout = new FakeOutput(true);
    expect(await around.main("cp", "web:/etc", "-")).toBe(1);
    expect(await around.main("cp", "-", "web:/none")).toBe(1);
  });

  test("tells a person how much it was, and nobody else", async () => {
    const [around] = host({ "/etc": "directory" });
    around.stderr = new FakeOutput(true);
    expect(await around.main("cp", "web:/etc", ".")).toBe(0);
    expect(around.stderr.text).toContain("Successfully copied 1.02kB to .\n");
    around.stderr = new FakeOutput(true);
    expect(await around.main("cp", "-q", "web:/etc", ".")).toBe(0);
    expect(around.stderr.text).toBe("");
  });

  test.each([
    [["a", "b"], "one of the two must be in a container"],
    [["web:/a", "web:/b"], "a copy between containers is not supported"],
    [["web:", "b"], "a path is empty"],
    [["-", "-"], "one of the two must be in a container"],
    [["none", "web:/etc"], "there is no none"],
    [["file/", "web:/etc"], "file/ is no folder"],
    [["web:/none", "."], "there is no /none"],
    [["web:/etc", "/none/x"], "there is no folder /none for the copy"],
    [["web:/etc", "file"], "cannot copy a folder"],
  ])("%j is refused", async (args, message) => {
    const [around] = host({ "/etc": "directory" });
    around.localKinds.set("/home/ada/file", "file");
    expect(await around.main("cp", ...args)).toBe(1);
    expect(around.stderr.text).toContain(message);
    expect(around.copies).toEqual([]);
  });
});
