import { execFile } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

const run = promisify(execFile);

/** Fills a file system but for `leave` bytes; returns the file to remove. */
async function fill(directory: string, leave: number): Promise<string> {
  const { bavail, bsize } = await statfs(directory);
  const file = join(directory, "filler");
  await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  return file;
}

await describeOnHost(
  "a full disk",
  (test) => {
    test("ends a pull with DISK_FULL, leaves nothing of it, and the next one works once there is room", async (stage) => {
      const { runtime } = stage.main;
      const content = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256)));
      const reference = await stage.publish("test/large", {
        layers: [{ files: { large: content } }],
        compression: "none",
      });
      const filler = await fill(stage.host.root, 1_500_000);
      const answer = await refusal(runtime.pullImage(reference));
      await rm(filler);
      expect(answer).toMatchObject({ code: "DISK_FULL", hint: expect.stringContaining("free space") });
      await runtime.pullImage(reference);
      await runtime.removeImage(reference);
    });

    test("ends a run with DISK_FULL and leaves nothing of it", async (stage) => {
      const small = join(stage.directory, "small");
      await mkdir(small);
      await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
      try {
        await using other = stage.open({ stateDir: join(small, "voiyd") });
        const request = { meta: { name: "full" }, config: { image: stage.busybox, args: ["true"] } };
        const filler = await fill(small, 0);
        expect(await refusal(other.runtime.run(request))).toMatchObject({
          code: "DISK_FULL",
          hint: expect.stringContaining("free space"),
        });
        await rm(filler);
        await other.runtime.run(request);
        await other.runtime.delete("full");
      } finally {
        await run("umount", [small]);
      }
    });

    test("of the daemon does not keep a container from being deleted", async (stage) => {
      const { runtime } = stage.main;
      const filler = await fill(stage.host.root, 0);
      // The daemon's database keeps room of its own, so a small container may still fit.
      await runtime
        .run({ meta: { name: "full" }, config: { image: stage.busybox, args: ["true"], network: "none" } })
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: "DISK_FULL" });
        });
      await runtime.delete("full");
      await rm(filler);
    });
  },
  { tmpfsSizeMiB: 48 },
);
