import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "@jest/globals";
import { buildImage, hostArchitecture, packLayout } from "@voiyd/harness";
import type { ImageProblem, PushProgress } from "@voiyd/runtime-api";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const missing = (problems: readonly ImageProblem[]): string[] =>
  problems.map(({ kind, problem }) => `${problem} ${kind}`).sort();

async function saveTo(stage: Stage, file: string, references: readonly string[]): Promise<void> {
  await pipeline(stage.main.runtime.saveImages(references), createWriteStream(file));
}

/** Where the private containerd keeps a blob. */
function blobFile(stage: Stage, digest: string): string {
  return join(stage.host.root, "io.containerd.content.v1.content/blobs/sha256", digest.replace("sha256:", ""));
}

await describeOnHost("image management", (test) => {
  test("inspect tells layers, sizes, names and users; history tells the steps", async (stage) => {
    const { runtime } = stage.main;
    const reference = await stage.publishBusybox("test/inspected", { config: { cmd: ["true"], user: "app" } });
    await runtime.pullImage(reference);
    const tag = `${stage.registry.host}/test/inspected:again`;
    await runtime.tagImage(reference, tag);
    await runtime.run({ meta: { name: "user" }, config: { image: tag, network: "none" } });
    const details = await runtime.inspectImage(reference);
    expect(details).toMatchObject({
      name: reference,
      names: [tag, reference],
      usedBy: ["user"],
      config: { cmd: ["true"], user: "app" },
    });
    expect(details.layers).toHaveLength(2);
    for (const layer of details.layers) expect(layer.unpackedSize).toBeGreaterThan(0);
    // Both layers are those of the busybox image that every stage has.
    expect(details.diskSize).toBeGreaterThan(details.sharedSize);
    expect(details.sharedSize).toBeGreaterThan(500_000);
    const history = await runtime.imageHistory(reference);
    expect(history.map(({ layer }) => layer)).toEqual(details.layers.map(({ digest }) => digest).reverse());

    await runtime.untagImage(reference);
    expect(await refusal(runtime.untagImage(tag))).toMatchObject({ code: "FAILED_PRECONDITION" });
    expect((await runtime.inspectImage(tag)).names).toEqual([tag]);
    expect(await refusal(runtime.removeImage(tag))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("user"),
    });
    await runtime.delete("user");
    await runtime.removeImage(tag);
  });

  test("prune with all takes what nobody uses, with its blobs and snapshots, and says how much", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publish("test/pruned", {
      layers: [{ files: { big: `${"p".repeat(300_000)}${Math.random()}` } }],
      config: { cmd: ["x"] },
    });
    await runtime.pullImage(reference);
    await runtime.run({ meta: { name: "keeper" }, config: { image: stage.busybox, args: ["true"], network: "none" } });
    const [layer] = (await runtime.inspectImage(reference)).layers;
    const plan = await runtime.pruneImages({ all: true, dryRun: true });
    expect(plan.removed.map(({ name }) => name)).toEqual([reference]);
    expect(plan.kept).toEqual([expect.objectContaining({ name: stage.busybox, reason: "used by container keeper" })]);
    expect(plan.reclaimedBytes).toBeGreaterThan(300_000);
    expect(await runtime.pruneImages({ all: true })).toEqual(plan);
    await expect(client.content.info({ digest: layer?.digest ?? "" })).rejects.toMatchObject({ code: "not_found" });
    await runtime.delete("keeper");
  });

  test("push brings an image with its blobs to another name, mounting what is there", async (stage) => {
    const { runtime } = stage.main;
    const events: PushProgress[] = [];
    const target = `${stage.registry.host}/other/pushed:v1`;
    const pushed = await runtime.pushImage(stage.busybox, { target, onProgress: (event) => events.push(event) });
    expect(pushed.name).toBe(target);
    expect(events.filter(({ kind }) => kind === "layer").at(-1)?.outcome).toBe("mounted");
    expect(events.at(-1)).toEqual({ phase: "done", kind: "image", subject: target });
    const again: PushProgress[] = [];
    expect(await runtime.pushImage(stage.busybox, { target, onProgress: (event) => again.push(event) })).toEqual(
      pushed,
    );
    expect(again.filter(({ outcome }) => outcome !== undefined && outcome !== "existed")).toEqual([]);
    expect((await runtime.pullImage(target)).digest).toBe(pushed.digest);
    await runtime.removeImage(target);
  });

  test("push with all platforms fetches those that are not here, and keeps the digest", async (stage) => {
    const { runtime } = stage.main;
    const { digest } = await runtime.getImage(stage.busybox);
    const target = `${stage.registry.host}/other/all:v1`;
    expect(await runtime.pushImage(stage.busybox, { target, allPlatforms: true })).toEqual({ name: target, digest });
  });

  test("pull of another platform, and of all, has all blobs and unpacks its own alone", async (stage) => {
    const { runtime, client } = stage.main;
    const foreign = hostArchitecture() === "arm64" ? "linux/amd64" : "linux/arm64";
    const reference = await stage.publishBusybox("test/foreign", { config: { cmd: ["sh", String(Math.random())] } });
    const image = await runtime.pullImage(reference, { platform: foreign });
    expect(image.platform).toBeUndefined();
    expect(
      await refusal(runtime.run({ meta: { name: "foreign" }, config: { image: reference, network: "none" } })),
    ).toMatchObject({ code: expect.stringMatching(/IMAGE_(PLATFORM_MISMATCH|INVALID)/) });
    const all = await runtime.pullImage(reference, { allPlatforms: true });
    expect(all.platform).toContain(hostArchitecture());
    const check = await stage.host.ctr("--namespace", client.scope.namespace, "images", "check", `name==${reference}`);
    expect(check).toContain("complete");
    expect(await refusal(runtime.pullImage(reference, { platform: "linux/s390x" }))).toMatchObject({
      code: "IMAGE_PLATFORM_MISMATCH",
    });
    expect(await refusal(runtime.pullImage(reference, { platform: "a b" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    await runtime.removeImage(reference);
  });

  test("save and load bring several images there and back, with the same digests", async (stage) => {
    const { runtime } = stage.main;
    const one = await stage.publishBusybox("test/one", { config: { cmd: ["echo", "one"] } });
    const two = await stage.publishBusybox("test/two", {
      config: { cmd: ["echo", "two"] },
      mediaTypes: "docker",
      compression: "none",
    });
    const before = [await runtime.pullImage(one), await runtime.pullImage(two)];
    const archive = join(stage.directory, "two.tar");
    await saveTo(stage, archive, [one, two]);
    for (const reference of [one, two]) await runtime.removeImage(reference);
    const loaded = await runtime.loadImages(createReadStream(archive));
    expect(loaded.map(({ name, digest }) => [name, digest])).toEqual(before.map(({ name, digest }) => [name, digest]));
    await runtime.run({ meta: { name: "loaded" }, config: { image: two, network: "none" } });
    expect((await outputOf(runtime, "loaded")).stdout).toBe("two\n");
    await runtime.delete("loaded");
    for (const reference of [one, two]) await runtime.removeImage(reference);
  });

  test("save fetches layers that unpacking had skipped", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publishBusybox("test/holes", { config: { cmd: ["holes"] } });
    await runtime.pullImage(reference);
    const [layer] = (await runtime.inspectImage(reference)).layers;
    await client.content.delete({ digest: layer?.digest ?? "" });
    await saveTo(stage, join(stage.directory, "holes.tar"), [reference]);
    expect(await runtime.verifyImage(reference)).toEqual([]);
    await runtime.removeImage(reference);
  });

  test("verify finds missing and damaged blobs, repair mends them", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publish("test/broken", {
      layers: [{ files: { a: `${Math.random()}` } }, { files: { b: `${Math.random()}` } }],
      config: { cmd: ["x"] },
    });
    await runtime.pullImage(reference);
    expect(await runtime.verifyImage(reference)).toEqual([]);
    const { layers, configDigest } = await runtime.inspectImage(reference);
    await client.content.delete({ digest: layers[0]?.digest ?? "" });
    const damaged = blobFile(stage, configDigest);
    const bytes = await readFile(damaged);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    expect(missing(await runtime.verifyImage(reference))).toEqual(["damaged config", "missing layer"]);
    await runtime.repairImage(reference);
    expect(await runtime.verifyImage(reference)).toEqual([]);
    await runtime.removeImage(reference);
  });

  test("load refuses what is no archive of images, and leaves nothing of it", async (stage) => {
    const { runtime } = stage.main;
    const random = randomBytes(300_000);
    const layout = await buildImage({
      directory: join(stage.directory, "bad-layout"),
      layers: [{ files: { random } }],
      compression: "none",
      reference: "docker.io/test/bad:1",
    });
    const archive = join(stage.directory, "bad.tar");
    await packLayout(layout.directory, archive);
    const whole = await readFile(archive);
    const chunks = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    const at = whole.indexOf(random.subarray(0, 64));
    const flipped = Uint8Array.from(whole, (byte, index) => (index === at ? byte ^ 1 : byte));
    for (const [bytes, code] of [
      [new Uint8Array(), "IMAGE_INVALID"],
      [new TextEncoder().encode("no archive at all"), "IMAGE_INVALID"],
      [whole.subarray(0, at + 1000), "IMAGE_INVALID"],
      [flipped, "DIGEST_MISMATCH"],
      [Uint8Array.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8]), "IMAGE_INVALID"],
    ] as const) {
      expect(await refusal(runtime.loadImages(chunks(bytes)))).toMatchObject({ code });
    }
  });
});
