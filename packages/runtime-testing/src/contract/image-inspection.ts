import { match, ok, strictEqual } from "node:assert/strict";
import type { ImageDetails, ImageInspection, Runtime } from "@voiyd/runtime-api";
import { canInspectImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** The suite's image is one for Linux. */
const ANOTHER_PLATFORM = "windows/amd64";

export function imageInspectionContract(promised: Promised): void {
  promised("says of an image what getImage says, and more", async ({ harness, runtime }) => {
    const image = await withImages(runtime).getImage(harness.image);
    const details = await withInspection(runtime).inspectImage(harness.image);
    const { name, digest, mediaType, size, created, platform } = details;
    assertSame({ name, digest, mediaType, size, created, platform }, image);
    match(details.configDigest, DIGEST);
    ok(details.names.includes(image.name), "its name is among its names");
    assertSame(details.usedBy, []);
    assertSame(await withInspection(runtime).inspectImage(image.name), details);
  });

  promised("tells the layers, and what they take", async ({ harness, runtime }) => {
    const { diskSize, layers, sharedSize, size = NaN } = await withInspection(runtime).inspectImage(harness.image);
    ok(layers.length > 0, "an image that runs has a layer");
    for (const layer of layers) {
      match(layer.digest, DIGEST);
      match(layer.diffId, DIGEST);
      ok(layer.mediaType !== "", "a layer has a media type");
      ok(layer.size > 0, `${layer.digest} has ${String(layer.size)} bytes`);
      // A pulled image is unpacked.
      ok((layer.unpackedSize ?? NaN) >= 0, `${layer.digest} takes ${String(layer.unpackedSize)} bytes unpacked`);
    }
    const blobs = layers.reduce((sum, layer) => sum + layer.size, 0);
    ok(blobs <= size, `layers of ${String(blobs)} bytes in an image of ${String(size)}`);
    ok(diskSize > 0, `${String(diskSize)} bytes on disk`);
    ok(sharedSize >= 0 && sharedSize <= diskSize, `${String(sharedSize)} of ${String(diskSize)} bytes are shared`);
  });

  promised("tells the containers that were made from it, running or not", async (stage) => {
    const { harness, runtime } = stage;
    const container = await stage.run(harness.programs.sleepForever);
    assertSame((await details(runtime, harness.image)).usedBy, [container.meta.name]);
    await runtime.kill(container);
    assertSame((await details(runtime, harness.image)).usedBy, [container.meta.name]);
    await runtime.delete(container);
    assertSame((await details(runtime, harness.image)).usedBy, []);
  });

  promised("the history has all layers, the newest first", async ({ harness, runtime }) => {
    const { layers } = await details(runtime, harness.image);
    const history = await withInspection(runtime).imageHistory(harness.image);
    const withLayer = history.flatMap(({ layer }) => layer ?? []);
    assertSame(
      withLayer.reverse(),
      layers.map(({ digest }) => digest),
    );
    for (const { createdBy, layer, size } of history) {
      strictEqual(typeof createdBy, "string");
      ok(layer === undefined ? size === 0 : size >= 0, `a step of ${String(size)} bytes`);
    }
  });

  promised("refuses what is not here, what is no reference, and what is for another platform", async (stage) => {
    const { harness, runtime } = stage;
    const inspection = withInspection(runtime);
    await rejectsWith("IMAGE_NOT_FOUND", inspection.inspectImage(harness.missingImage));
    await rejectsWith("IMAGE_NOT_FOUND", inspection.imageHistory(harness.missingImage));
    await rejectsWith("INVALID_ARGUMENT", inspection.inspectImage("not an image"));
    await rejectsWith("INVALID_ARGUMENT", inspection.imageHistory("not an image"));
    const platform = ANOTHER_PLATFORM;
    await rejectsWith("IMAGE_PLATFORM_MISMATCH", inspection.inspectImage(harness.image, { platform }));
  });

  promised("rejects with the reason of an aborted signal", async ({ harness, runtime }) => {
    const reason = new Error("changed my mind");
    const options = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, withInspection(runtime).inspectImage(harness.image, options));
    await rejectsWithReason(reason, withInspection(runtime).imageHistory(harness.image, options));
  });
}

function details(runtime: Runtime, reference: string): Promise<ImageDetails> {
  return withInspection(runtime).inspectImage(reference);
}

function withInspection(runtime: Runtime): ImageInspection {
  if (!canInspectImages(runtime)) throw new Error("the runtime was declared to have the capability `image-inspection`");
  return runtime;
}
