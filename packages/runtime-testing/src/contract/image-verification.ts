import { ok, strictEqual } from "node:assert/strict";
import type { ImageVerification, PullProgress, Runtime } from "@voiyd/runtime-api";
import { canInspectImages, canVerifyImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import type { ContractHarness } from "./harness.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function imageVerificationContract(promised: Promised, harness: ContractHarness): void {
  promised("finds nothing wrong with what was just pulled, and repair leaves it as it is", async ({ runtime }) => {
    const image = await withImages(runtime).getImage(harness.image);
    assertSame(await withVerification(runtime).verifyImage(harness.image), []);
    const events: PullProgress[] = [];
    const repaired = await withVerification(runtime).repairImage(harness.image, {
      onProgress: (event) => {
        events.push(event);
      },
    });
    assertSame(repaired, image);
    assertSame([events.at(-1)?.phase, events.at(-1)?.kind], ["done", "image"]);
    assertSame(await withVerification(runtime).verifyImage(harness.image), []);
  });

  const { loseBlob } = harness;
  if (loseBlob !== undefined) {
    promised("tells which layer is missing, and repair fetches it", async ({ runtime }) => {
      if (!canInspectImages(runtime)) throw new Error("what to lose is told by the capability `image-inspection`");
      const [layer] = (await runtime.inspectImage(harness.image)).layers;
      ok(layer !== undefined, "an image that runs has a layer");
      await loseBlob(runtime, layer.digest);
      const missing = [{ kind: "layer", digest: layer.digest, problem: "missing" }];
      assertSame(await withVerification(runtime).verifyImage(harness.image), missing);
      strictEqual((await runtime.inspectImage(harness.image)).layers[0]?.isPresent, false);
      await withVerification(runtime).repairImage(harness.image);
      assertSame(await withVerification(runtime).verifyImage(harness.image), []);
      strictEqual((await runtime.inspectImage(harness.image)).layers[0]?.isPresent, true);
    });
  }

  promised("refuses what is not here, and what is no reference", async ({ runtime }) => {
    const verification = withVerification(runtime);
    await rejectsWith("IMAGE_NOT_FOUND", verification.verifyImage(harness.missingImage));
    await rejectsWith("IMAGE_NOT_FOUND", verification.repairImage(harness.missingImage));
    await rejectsWith("INVALID_ARGUMENT", verification.verifyImage("not an image"));
    await rejectsWith("INVALID_ARGUMENT", verification.repairImage("not an image"));
  });

  promised("rejects with the reason of an aborted signal", async ({ runtime }) => {
    const reason = new Error("changed my mind");
    const options = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, withVerification(runtime).verifyImage(harness.image, options));
    await rejectsWithReason(reason, withVerification(runtime).repairImage(harness.image, options));
  });
}

function withVerification(runtime: Runtime): ImageVerification {
  if (!canVerifyImages(runtime)) {
    throw new Error("the runtime was declared to have the capability `image-verification`");
  }
  return runtime;
}
