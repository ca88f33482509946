import { match, ok, strictEqual } from "node:assert/strict";
import { types } from "node:util";
import type { Images, PullProgress, Runtime } from "@voiyd/runtime-api";
import { hasImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function imagesContract(promised: Promised): void {
  promised("a pulled image is listed and found", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    const pulled = await images.pullImage(harness.image);
    match(pulled.digest, /^sha256:[0-9a-f]{64}$/);
    ok(pulled.mediaType !== "", "the image has a media type");
    ok(types.isDate(pulled.created), "created is a date");
    assertSame(await images.getImage(harness.image), pulled);
    assertSame(await images.getImage(pulled.name), pulled);
    assertSame(
      (await images.listImages()).filter(({ name }) => name === pulled.name),
      [pulled],
    );
  });

  promised("pullImage tells its progress, and is done last", async ({ harness, runtime }) => {
    const events: PullProgress[] = [];
    await withImages(runtime).pullImage(harness.image, {
      onProgress: (progress) => {
        events.push(progress);
      },
    });
    assertSame([events.at(-1)?.phase, events.at(-1)?.kind], ["done", "image"]);
  });

  promised("a removed image is gone until it is pulled again", async (stage) => {
    const { harness, runtime } = stage;
    const images = withImages(runtime);
    await images.removeImage(harness.image);
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(harness.image));
    await rejectsWith("IMAGE_NOT_FOUND", stage.run(harness.programs.sleepForever));
    await images.removeImage(harness.image);
    await images.pullImage(harness.image);
    strictEqual((await stage.run(harness.programs.sleepForever)).status.phase, "running");
  });

  promised("a container outlives its image's reference", async (stage) => {
    const { harness, runtime } = stage;
    const container = await stage.runUntilReady(harness.programs.exitOnTermWith(3));
    await withImages(runtime).removeImage(harness.image, { force: true });
    await runtime.stop(container, { timeoutMs: Infinity });
    strictEqual((await runtime.get(container)).status.exitCode, 3);
  });

  promised("an image that a container uses is not removed, running or not, unless forced", async (stage) => {
    const { harness, runtime } = stage;
    const images = withImages(runtime);
    const container = await stage.run(harness.programs.sleepForever);
    await rejectsWith("FAILED_PRECONDITION", images.removeImage(harness.image));
    await runtime.kill(container);
    await rejectsWith("FAILED_PRECONDITION", images.removeImage(harness.image));
    await images.getImage(harness.image);
    await images.removeImage(harness.image, { force: true });
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(harness.image));
  });

  promised("IMAGE_NOT_FOUND for what is nowhere, and absent is success for removal", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    await rejectsWith("IMAGE_NOT_FOUND", images.pullImage(harness.missingImage));
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(harness.missingImage));
    await images.removeImage(harness.missingImage);
  });

  promised("INVALID_ARGUMENT for what is no reference", async ({ runtime }) => {
    const images = withImages(runtime);
    await rejectsWith("INVALID_ARGUMENT", images.pullImage("not an image"));
    await rejectsWith("INVALID_ARGUMENT", images.getImage("not an image"));
  });

  promised("every method rejects with the reason of an aborted signal", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    const reason = new Error("changed my mind");
    const options = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, images.pullImage(harness.image, options));
    await rejectsWithReason(reason, images.listImages(options));
    await rejectsWithReason(reason, images.getImage(harness.image, options));
    await rejectsWithReason(reason, images.removeImage(harness.image, options));
    strictEqual((await images.getImage(harness.image)).digest.startsWith("sha256:"), true);
  });
}

export function withImages(runtime: Runtime): Images {
  if (!hasImages(runtime)) throw new Error("the runtime was declared to have the capability `images`");
  return runtime;
}
