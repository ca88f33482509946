import { describe, expect, test } from "@jest/globals";
import { createHost } from "../host/create-host.js";
import type { FileStore } from "../host/file-store.js";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { sharedLogDisk } from "./log-disks.js";

/** Disks by their folder, with the bytes that are free on them; and which of them were asked. */
function host(mountPoints: readonly string[], free: (path: string) => number | Error) {
  const asked: string[] = [];
  const real = createHost();
  const files: FileStore = {
    ...real.files,
    read: async () => mountPoints.map((mount) => `36 35 98:0 /r ${mount} rw - ext4 /dev/root rw`).join("\n"),
    realPath: async (path) => path,
    async freeBytes(path) {
      asked.push(path);
      const bytes = free(path);
      if (typeof bytes !== "number") throw bytes;
      return bytes;
    },
  };
  const context = testContext({ client: new FakeClient(), host: { ...real, files }, logDirFmt: "/logs/%s/log" });
  return { asked, isFull: sharedLogDisk(context) };
}

const full = (path: string): number => (path === "/logs" ? 0 : 1);

describe("the disk of many logs", () => {
  test("is asked once where it is one", async () => {
    const { asked, isFull } = host(["/", "/logs", "/logs-of-others/deep"], full);
    expect(await Promise.all([isFull("one"), isFull("two")])).toEqual([true, true]);
    expect(asked).toEqual(["/logs"]);
  });

  test("is asked for each where something is mounted below, whatever its name is", async () => {
    const { asked, isFull } = host(["/logs/a\\040b"], full);
    expect(await Promise.all([isFull("one"), isFull("two")])).toEqual([false, false]);
    expect(asked).toEqual(["/logs/one/log", "/logs/two/log"]);
  });

  test("that is not there yet, or any more, is not full", async () => {
    const { isFull } = host([], () => Object.assign(new Error("gone"), { code: "ENOENT" }));
    expect(await isFull("one")).toBe(false);
  });

  test("fails as the question fails", async () => {
    const { isFull } = host([], () => Object.assign(new Error("broken"), { code: "EIO" }));
    await expect(isFull("one")).rejects.toThrow("broken");
  });
});
