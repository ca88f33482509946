import { join } from "node:path";
import { expect } from "@jest/globals";
import { busyboxImage } from "@voiyd/harness";
import { createLayoutSource, createRegistrySource, type ImageSource } from "@voiyd/oci-registry";
import type { PullProgress } from "@voiyd/runtime-api";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

/** A source that passes on what `change` makes of a blob. */
function altered(change: (data: Uint8Array) => Uint8Array, which: (mediaType: string) => boolean): ImageSource {
  const honest = createRegistrySource();
  return {
    resolve: (reference, options) => honest.resolve(reference, options),
    async *fetch(reference, descriptor, options) {
      for await (const chunk of honest.fetch(reference, descriptor, options)) {
        yield which(descriptor.mediaType) ? change(chunk) : chunk;
      }
    },
    [Symbol.asyncDispose]: () => honest[Symbol.asyncDispose](),
  };
}

const isLayer = (mediaType: string): boolean => mediaType.includes("layer");
const flipFirstBit = (data: Uint8Array): Uint8Array =>
  Uint8Array.from(data, (byte, index) => (index === 0 ? byte ^ 1 : byte));

await describeOnHost("pull", (test) => {
  test("brings an image that can be run, reports each layer, and finds all of it the second time", async (stage) => {
    const { runtime } = stage.main;
    const reference = await stage.publishBusybox("test/pulled", {
      config: { cmd: ["echo", "pulled"], labels: { mark: "pulled" } },
    });
    const progress: PullProgress[] = [];
    const image = await runtime.pullImage(reference, { onProgress: (event) => progress.push(event) });
    expect(image).toMatchObject({ name: reference, platform: expect.stringContaining("linux/") });
    expect(progress.at(0)).toMatchObject({ phase: "resolving" });
    expect(progress.at(-1)).toMatchObject({ phase: "done", kind: "image" });

    await runtime.run({ meta: { name: "pulled" }, config: { image: reference, network: "none" } });
    expect(await outputOf(runtime, "pulled")).toEqual({ stdout: "pulled\n", stderr: "" });
    await runtime.delete("pulled");

    const again: PullProgress[] = [];
    await runtime.pullImage(reference, { onProgress: (event) => again.push(event) });
    expect(again.filter(({ phase }) => phase === "downloading")).toEqual([]);
    await runtime.removeImage(reference);
  });

  test("takes an OCI layout as its source", async (stage) => {
    const layout = await busyboxImage(join(stage.directory, "layout"), { reference: "docker.io/test/layout:latest" });
    await using source = createLayoutSource(layout.directory);
    await using other = stage.open({ imageSource: source });
    const image = await other.runtime.pullImage("test/layout");
    expect(image.name).toBe("docker.io/test/layout:latest");
    await other.runtime.run({
      meta: { name: "layout" },
      config: { image: image.name, args: ["true"], network: "none" },
    });
    expect(await other.runtime.wait("layout")).toMatchObject({ exitCode: 0 });
    await other.runtime.delete("layout");
    await other.runtime.removeImage(image.name);
  });

  test("reads Docker's media types and uncompressed layers", async (stage) => {
    const { runtime } = stage.main;
    const reference = await stage.publishBusybox("test/docker", { mediaTypes: "docker", compression: "none" });
    await runtime.pullImage(reference);
    await runtime.run({
      meta: { name: "docker" },
      config: { image: reference, args: ["echo", "docker"], network: "none" },
    });
    expect((await outputOf(runtime, "docker")).stdout).toBe("docker\n");
    await runtime.delete("docker");
    await runtime.removeImage(reference);
  });

  test("refuses a layer with another content than its digest, and leaves nothing of it", async (stage) => {
    const reference = await stage.publish("test/altered", {
      layers: [{ files: { secret: `${"a".repeat(5_000)}${Math.random()}` } }],
    });
    await using other = stage.open({ imageSource: altered(flipFirstBit, isLayer) });
    expect(await refusal(other.runtime.pullImage(reference))).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(await refusal(other.runtime.getImage(reference))).toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });

  test("that is aborted leaves no image, no lease and no snapshot", async (stage) => {
    const reference = await stage.publish("test/aborted", {
      layers: [{ files: { big: `${"b".repeat(500_000)}${Math.random()}` } }],
    });
    const reason = new Error("enough");
    const abort = new AbortController();
    const pull = stage.main.runtime.pullImage(reference, {
      signal: abort.signal,
      onProgress: ({ kind }) => {
        if (kind === "layer") abort.abort(reason);
      },
    });
    await expect(pull).rejects.toBe(reason);
    // What is half here may be resumed by a later pull; here it is taken away to leave the host as it was.
    const { statuses } = await stage.main.client.content.listStatuses({});
    for (const { ref } of statuses) await stage.main.client.content.abort({ ref });
  });

  test("of one image twice at once, by two runtimes, works", async (stage) => {
    const reference = await stage.publishBusybox("test/twice", {
      config: { cmd: ["sh"], labels: { n: String(Math.random()) } },
    });
    await using other = stage.open();
    await Promise.all([stage.main.runtime.pullImage(reference), other.runtime.pullImage(reference)]);
    await stage.main.runtime.removeImage(reference);
  });

  test("F19: of an image with hostile labels gives its containers none of them", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publishBusybox("test/labels", {
      config: {
        cmd: ["sh"],
        labels: { "containerd.io/restart.status": "running", "containerd.io/restart.loguri": "binary:///bin/false" },
      },
    });
    await runtime.pullImage(reference);
    const { status } = await runtime.run({
      meta: { name: "labels" },
      config: { image: reference, args: ["sleep", "1000"], network: "none" },
    });
    const { container } = await client.containers.get({ id: status.id });
    expect(Object.keys(container?.labels ?? {}).filter((key) => key.startsWith("containerd.io/"))).toEqual([]);
    await runtime.delete("labels");
    await runtime.removeImage(reference);
  });
});
