import { match, ok, strictEqual } from "node:assert/strict";
import type { ImagePush, PushProgress, Runtime } from "@voiyd/runtime-api";
import { canPushImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import type { ContractHarness } from "./harness.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function imagePushContract(promised: Promised): void {
  promised("what was pushed can be pulled from there", async (stage) => {
    const { harness, runtime } = stage;
    const [images, target] = [withImages(runtime), targetOf(harness)];
    const pushed = await withPush(runtime).pushImage(harness.image, { target });
    strictEqual(pushed.name, target);
    match(pushed.digest, /^sha256:[0-9a-f]{64}$/);
    // Only there so far: a push gives the image no further name here.
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(target));
    strictEqual((await images.pullImage(target)).digest, pushed.digest);
    const container = await stage.run(harness.programs.sleepForever, { image: target });
    strictEqual(container.status.phase, "running");
    await images.removeImage(target, { force: true });
  });

  promised("a second push is the same, and sends nothing again", async ({ harness, runtime }) => {
    const target = targetOf(harness);
    const first = await withPush(runtime).pushImage(harness.image, { target });
    const events: PushProgress[] = [];
    const onProgress = (event: PushProgress): void => {
      events.push(event);
    };
    assertSame(await withPush(runtime).pushImage(harness.image, { target, onProgress }), first);
    const blobs = events.filter(({ kind, phase }) => phase === "done" && (kind === "layer" || kind === "config"));
    ok(blobs.length > 0, "the progress tells of the blobs");
    for (const { outcome, subject } of blobs) strictEqual(outcome, "existed", `${subject} was ${String(outcome)}`);
    assertSame(events.at(-1), { phase: "done", kind: "image", subject: target });
  });

  promised("refuses what is not here, and targets that are none", async ({ harness, runtime }) => {
    const [push, target] = [withPush(runtime), targetOf(harness)];
    await rejectsWith("IMAGE_NOT_FOUND", push.pushImage(harness.missingImage, { target }));
    await rejectsWith("IMAGE_NOT_FOUND", push.pushImage(harness.missingImage));
    await rejectsWith("INVALID_ARGUMENT", push.pushImage(harness.image, { target: "not a name" }));
    const platform = "windows/amd64";
    await rejectsWith("IMAGE_PLATFORM_MISMATCH", push.pushImage(harness.image, { target, platform }));
  });

  promised("rejects with the reason of an aborted signal", async ({ harness, runtime }) => {
    const reason = new Error("changed my mind");
    const options = { target: targetOf(harness), signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, withPush(runtime).pushImage(harness.image, options));
  });
}

function targetOf({ pushTarget }: ContractHarness): string {
  if (pushTarget === undefined) throw new Error("with the capability `image-push` the harness needs a `pushTarget`");
  return pushTarget;
}

function withPush(runtime: Runtime): ImagePush {
  if (!canPushImages(runtime)) throw new Error("the runtime was declared to have the capability `image-push`");
  return runtime;
}
