import { match, ok, strictEqual } from "node:assert/strict";
import type { ImagePruning, Runtime } from "@voiyd/runtime-api";
import { canPruneImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function imagePruningContract(promised: Promised): void {
  promised("keeps images with a tag, and says so", async ({ harness, runtime }) => {
    const { name } = await withImages(runtime).getImage(harness.image);
    const { removed, kept, reclaimedBytes } = await withPruning(runtime).pruneImages();
    assertSame(removed, []);
    ok(kept.some((verdict) => verdict.name === name && verdict.reason !== ""));
    strictEqual(reclaimedBytes, 0);
  });

  promised("with all removes what no container uses; a dry run only says so", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    const { name } = await images.getImage(harness.image);
    const plan = await withPruning(runtime).pruneImages({ all: true, dryRun: true });
    ok(plan.removed.some((verdict) => verdict.name === name && verdict.reason !== ""));
    await images.getImage(harness.image);
    assertSame(await withPruning(runtime).pruneImages({ all: true }), plan);
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(harness.image));
    await images.pullImage(harness.image);
  });

  promised("removes none but those that may go", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    const { name } = await images.getImage(harness.image);
    const { removed, kept, reclaimedBytes } = await withPruning(runtime).pruneImages({ all: true, only: ["other"] });
    assertSame(removed, []);
    ok(kept.some((verdict) => verdict.name === name && verdict.reason !== ""));
    strictEqual(reclaimedBytes, 0);
    const plan = await withPruning(runtime).pruneImages({ all: true, only: [name], dryRun: true });
    assertSame(
      plan.removed.map((verdict) => verdict.name),
      [name],
    );
    await images.getImage(harness.image);
  });

  promised("with all keeps what a container was made from, and names the container", async (stage) => {
    const { harness, runtime } = stage;
    const container = await stage.run(harness.programs.sleepForever);
    const { name } = await withImages(runtime).getImage(harness.image);
    const { kept } = await withPruning(runtime).pruneImages({ all: true });
    match(kept.find((verdict) => verdict.name === name)?.reason ?? "", new RegExp(container.meta.name));
    await withImages(runtime).getImage(harness.image);
  });

  promised("rejects with the reason of an aborted signal", async ({ harness, runtime }) => {
    const reason = new Error("changed my mind");
    const signal = AbortSignal.abort(reason);
    await rejectsWithReason(reason, withPruning(runtime).pruneImages({ all: true, signal }));
    await withImages(runtime).getImage(harness.image);
  });
}

function withPruning(runtime: Runtime): ImagePruning {
  if (!canPruneImages(runtime)) throw new Error("the runtime was declared to have the capability `image-pruning`");
  return runtime;
}
