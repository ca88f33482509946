import { match, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ImageArchives, ImageTags, Runtime } from "@voiyd/runtime-api";
import { canTagImages, hasImageArchives } from "@voiyd/runtime-api";
import { collect } from "../archive/collect.js";
import { readTar } from "../archive/tar.js";
import { assertSame } from "./canonical.js";
import type { ContractHarness } from "./harness.js";
import { withImages } from "./images.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

const SECOND = "registry.example/team/second:1";
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;

export function imageArchivesContract(promised: Promised, { capabilities }: ContractHarness): void {
  promised("an archive is an image layout, and every blob is what its path says", async ({ harness, runtime }) => {
    const { digest, name } = await withImages(runtime).getImage(harness.image);
    const archive = await save(runtime, [harness.image]);
    const files = new Map(readTar(archive).map(({ path, content }) => [path, content]));
    const text = (path: string): string => Buffer.from(files.get(path) ?? "").toString();
    match(text("oci-layout"), /"imageLayoutVersion": ?"1\.0\.0"/);
    ok(text("index.json").includes(`"${digest}"`), "the index lists the image");
    ok(text("manifest.json").includes(JSON.stringify(name)), "Docker's list has the image's name");
    ok(files.has(`blobs/${digest.replace(":", "/")}`), "the image's own document is among the blobs");
    const blobs = [...files].flatMap(([path, content]) => {
      const [, hex] = BLOB.exec(path) ?? [];
      return hex === undefined ? [] : [{ hex, content }];
    });
    ok(blobs.length >= 3, "a manifest, a configuration and a layer at least");
    for (const { hex, content } of blobs) strictEqual(createHash("sha256").update(content).digest("hex"), hex);
  });

  promised("what was saved and removed comes back the same, and runs", async (stage) => {
    const { harness, runtime } = stage;
    const images = withImages(runtime);
    const before = await images.getImage(harness.image);
    const archive = await save(runtime, [harness.image]);
    await images.removeImage(harness.image);
    const loaded = await load(runtime, archive);
    // All but when it came.
    assertSame(
      loaded.map((image) => ({ ...image, created: before.created })),
      [before],
    );
    assertSame(await images.getImage(harness.image), loaded[0]);
    strictEqual((await stage.run(harness.programs.sleepForever)).status.phase, "running");
    // What is here already may be loaded again.
    assertSame(
      (await load(runtime, archive)).map(({ digest }) => digest),
      [before.digest],
    );
  });

  if (capabilities.includes("image-tags")) {
    promised("several images share an archive, and what they have in common is in it once", async (stage) => {
      const { harness, runtime } = stage;
      const images = withImages(runtime);
      const { name } = await withTags(runtime).tagImage(harness.image, SECOND);
      const names = [(await images.getImage(harness.image)).name, name].sort();
      const archive = await save(runtime, [harness.image, SECOND]);
      const paths = readTar(archive).map(({ path }) => path);
      strictEqual(paths.length, new Set(paths).size, "a path is in the archive twice");
      await images.removeImage(SECOND);
      await images.removeImage(harness.image);
      const loaded = await load(runtime, archive);
      assertSame(loaded.map((image) => image.name).sort(), names);
      strictEqual((await images.getImage(SECOND)).digest, (await images.getImage(harness.image)).digest);
      await images.removeImage(SECOND);
    });
  }

  promised("saves nothing that is not here, is no reference, or is for another platform", async (stage) => {
    const { harness, runtime } = stage;
    await rejectsWith("IMAGE_NOT_FOUND", save(runtime, [harness.missingImage]));
    await rejectsWith("IMAGE_NOT_FOUND", save(runtime, [harness.image, harness.missingImage]));
    await rejectsWith("INVALID_ARGUMENT", save(runtime, ["not an image"]));
    await rejectsWith("INVALID_ARGUMENT", save(runtime, []));
    const foreign = withArchives(runtime).saveImages([harness.image], { platform: "windows/amd64" });
    await rejectsWith("IMAGE_PLATFORM_MISMATCH", collect(foreign));
  });

  promised("loads nothing of what is no archive, or a damaged one", async ({ harness, runtime }) => {
    const images = withImages(runtime);
    const archive = await save(runtime, [harness.image]);
    const [largest] = readTar(archive)
      .filter(({ path }) => BLOB.test(path))
      .sort((a, b) => b.content.length - a.content.length);
    ok(largest !== undefined, "the archive has blobs");
    const inside = archive.indexOf(largest.content) + Math.floor(largest.content.length / 2);
    const damaged = Buffer.from(archive);
    damaged.writeUInt8(damaged.readUInt8(inside) ^ 1, inside);
    await images.removeImage(harness.image);
    await rejectsWith("IMAGE_INVALID", load(runtime, Buffer.alloc(0)));
    await rejectsWith("IMAGE_INVALID", load(runtime, Buffer.from("no archive at all")));
    await rejectsWith("IMAGE_INVALID", load(runtime, archive.subarray(0, inside)));
    await rejectsWith("DIGEST_MISMATCH", load(runtime, damaged));
    await rejectsWith("IMAGE_NOT_FOUND", images.getImage(harness.image));
    await load(runtime, archive);
    await images.getImage(harness.image);
  });

  promised("rejects with the reason when it is aborted, before and while an archive comes", async (stage) => {
    const { harness, runtime } = stage;
    const archive = await save(runtime, [harness.image]);
    const reason = new Error("changed my mind");
    const aborted = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, collect(withArchives(runtime).saveImages([harness.image], aborted)));
    await rejectsWithReason(reason, withArchives(runtime).loadImages(chunksOf(archive), aborted));
    const abort = new AbortController();
    const endless = withArchives(runtime).loadImages(
      stalling(archive, () => {
        abort.abort(reason);
      }),
      { signal: abort.signal },
    );
    await rejectsWithReason(reason, endless);
  });
}

function save(runtime: Runtime, references: readonly string[]): Promise<Buffer> {
  return collect(withArchives(runtime).saveImages(references));
}

function load(runtime: Runtime, archive: Uint8Array): ReturnType<ImageArchives["loadImages"]> {
  return withArchives(runtime).loadImages(chunksOf(archive));
}

/** In pieces that do not care for the archive's blocks. */
async function* chunksOf(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 65_000;
  for (let at = 0; at < archive.length; at += size) yield await Promise.resolve(archive.subarray(at, at + size));
}

/** A sender that says no more after the first block, when it is asked for more. */
async function* stalling(archive: Uint8Array, onStall: () => void): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(archive.subarray(0, 512));
  setImmediate(onStall);
  await new Promise(() => undefined);
}

function withArchives(runtime: Runtime): ImageArchives {
  if (!hasImageArchives(runtime)) throw new Error("the runtime was declared to have the capability `image-archives`");
  return runtime;
}

function withTags(runtime: Runtime): ImageTags {
  if (!canTagImages(runtime)) throw new Error("a second image is made with the capability `image-tags`");
  return runtime;
}
