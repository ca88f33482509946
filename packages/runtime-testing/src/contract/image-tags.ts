import { strictEqual } from "node:assert/strict";
import type { ImageTags, Runtime } from "@voiyd/runtime-api";
import { canTagImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

const TARGET = "registry.example/team/renamed:1";

export function imageTagsContract(promised: Promised): void {
  promised("a tagged image is there under both names, and runs under the new one", async (stage) => {
    const { harness, runtime } = stage;
    const [tags, images] = [withTags(runtime), withImages(runtime)];
    const tagged = await tags.tagImage(harness.image, TARGET);
    strictEqual(tagged.name, TARGET);
    strictEqual(tagged.digest, (await images.getImage(harness.image)).digest);
    assertSame(await images.getImage(TARGET), tagged);
    const container = await stage.run(harness.programs.sleepForever, { image: TARGET });
    strictEqual(container.status.phase, "running");
    // The image has another name, so this one is not what keeps it.
    await images.removeImage(TARGET);
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(TARGET));
    await images.getImage(harness.image);
  });

  promised("tagging twice is success, and a name without a tag gets one", async ({ harness, runtime }) => {
    const [tags, images] = [withTags(runtime), withImages(runtime)];
    await tags.tagImage(harness.image, TARGET);
    await tags.tagImage(harness.image, TARGET);
    strictEqual(
      (await tags.tagImage(TARGET, "registry.example/team/other")).name,
      "registry.example/team/other:latest",
    );
    for (const name of [TARGET, "registry.example/team/other"]) await images.removeImage(name);
  });

  promised("untags a name while a container uses the image, and the image stays", async (stage) => {
    const { harness, runtime } = stage;
    const [tags, images] = [withTags(runtime), withImages(runtime)];
    await tags.tagImage(harness.image, TARGET);
    const container = await stage.run(harness.programs.sleepForever, { image: TARGET });
    await tags.untagImage(TARGET);
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(TARGET));
    await images.getImage(harness.image);
    strictEqual((await runtime.get(container)).status.phase, "running");
    await rejectsWith("IMAGE_NOT_FOUND", tags.untagImage(TARGET));
  });

  promised("refuses to untag the only name of an image", async ({ harness, runtime }) => {
    const [tags, images] = [withTags(runtime), withImages(runtime)];
    await images.pullImage(harness.image);
    await rejectsWith("FAILED_PRECONDITION", tags.untagImage(harness.image));
    await images.getImage(harness.image);
    await rejectsWith("INVALID_ARGUMENT", tags.untagImage("not a name"));
    const reason = new Error("changed my mind");
    await rejectsWithReason(reason, tags.untagImage(harness.image, { signal: AbortSignal.abort(reason) }));
  });

  promised("refuses what is not here, and a target with a digest", async ({ harness, runtime }) => {
    const tags = withTags(runtime);
    await rejectsWith("IMAGE_NOT_FOUND", tags.tagImage(harness.missingImage, TARGET));
    await rejectsWith("INVALID_ARGUMENT", tags.tagImage(harness.image, `${TARGET}@sha256:${"a".repeat(64)}`));
    await rejectsWith("INVALID_ARGUMENT", tags.tagImage(harness.image, "not a name"));
    await rejectsWith("IMAGE_NOT_FOUND", withImages(runtime).getImage(TARGET));
  });

  promised("rejects with the reason of an aborted signal", async ({ harness, runtime }) => {
    const reason = new Error("changed my mind");
    const options = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, withTags(runtime).tagImage(harness.image, TARGET, options));
  });
}

function withTags(runtime: Runtime): ImageTags {
  if (!canTagImages(runtime)) throw new Error("the runtime was declared to have the capability `image-tags`");
  return runtime;
}
