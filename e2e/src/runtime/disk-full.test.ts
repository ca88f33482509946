import { join } from "node:path";
import { expect } from "@jest/globals";
import { fill, SmallDisk } from "../faults/tools/small-disk.js";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

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
      await filler[Symbol.asyncDispose]();
      expect(answer).toMatchObject({ code: "DISK_FULL", hint: expect.stringContaining("free space") });
      await runtime.pullImage(reference);
      await runtime.removeImage(reference);
    });

    test("ends a run with DISK_FULL and leaves nothing of it", async (stage) => {
      await using small = await SmallDisk.mount(join(stage.directory, "small"), 64);
      await using other = stage.open({ stateDir: join(small.path, "voiyd") });
      const request = { meta: { name: "full" }, config: { image: stage.busybox, args: ["true"] } };
      const filler = await small.fill();
      expect(await refusal(other.runtime.run(request))).toMatchObject({
        code: "DISK_FULL",
        hint: expect.stringContaining("free space"),
      });
      await filler[Symbol.asyncDispose]();
      await other.runtime.run(request);
      await other.runtime.delete("full");
    });

    test("of the daemon does not keep a container from being deleted, or not for longer than it lasts", async (stage) => {
      const { runtime } = stage.main;
      const filler = await fill(stage.host.root);
      // The daemon's database keeps room of its own, so a small container may still fit.
      await runtime
        .run({ meta: { name: "full" }, config: { image: stage.busybox, args: ["true"], network: "none" } })
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: "DISK_FULL" });
        });
      // What was written last may have taken that room: then the database takes no removal either, and the delete says what is
      // left (seen once in fifty times).
      const refused = await runtime.delete("full").catch((error: unknown) => error);
      await filler[Symbol.asyncDispose]();
      if (refused === undefined) return;
      expect(refused).toMatchObject({
        code: "CLEANUP_INCOMPLETE",
        message: expect.stringContaining("no space left on device"),
      });
      await runtime.delete("full");
    });
  },
  { tmpfsSizeMiB: 48 },
);
