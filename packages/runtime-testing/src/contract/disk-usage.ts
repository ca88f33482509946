import { ok, strictEqual } from "node:assert/strict";
import { type DiskUsage, hasDiskUsage, type Runtime } from "@voiyd/runtime-api";
import { withImages } from "./images.js";
import { rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function diskUsageContract(promised: Promised): void {
  promised("tells of an image and of a container what they take, and who needs whom", async (stage) => {
    const { harness, runtime } = stage;
    const { name } = await withImages(runtime).getImage(harness.image);
    const before = await withDiskUsage(runtime).diskUsage();
    const idle = before.images.find((image) => image.name === name);
    ok(idle !== undefined && idle.bytes > 0 && idle.containers.length === 0);
    ok(before.reclaimableImageBytes > 0 && before.reclaimableImageBytes <= before.imageBytes);
    strictEqual(before.containers.length, 0);

    const { meta, status } = await stage.run(harness.programs.printThenSleep("x".repeat(5000), ""));
    const during = await withDiskUsage(runtime).diskUsage();
    ok(during.images.find((image) => image.name === name)?.containers.includes(meta.name));
    ok(during.reclaimableImageBytes < before.reclaimableImageBytes);
    const own = during.containers.find(({ id }) => id === status.id);
    ok(own !== undefined && own.active && own.name === meta.name);
    await runtime.kill(status.id);
    const after = await withDiskUsage(runtime).diskUsage();
    strictEqual(after.containers.find(({ id }) => id === status.id)?.active, false);
    // What is there has an owner.
    strictEqual(after.orphans.length, 0);
  });

  promised("rejects with the reason of an aborted signal", async ({ runtime }) => {
    const reason = new Error("changed my mind");
    await rejectsWithReason(reason, withDiskUsage(runtime).diskUsage({ signal: AbortSignal.abort(reason) }));
  });
}

function withDiskUsage(runtime: Runtime): DiskUsage {
  if (!hasDiskUsage(runtime)) throw new Error("the runtime was declared to have the capability `disk-usage`");
  return runtime;
}
