import { describe, expect, test } from "@jest/globals";
import { type Descriptor, digestOf, hostPlatform, OCI_INDEX, OCI_MANIFEST, type Platform } from "@voiyd/oci-registry";
import { type DocumentReader, readDocuments } from "./image-documents.js";

const OTHER: Platform = { os: "plan9", architecture: "z80" };
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const diffId = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Blobs that refer to each other by digest. */
class Store {
  readonly #blobs = new Map<string, Uint8Array>();
  readonly asked: { readonly kind: string; readonly digest: string; readonly labels: readonly string[] }[] = [];

  add(mediaType: string, value: unknown): Descriptor {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  index(...manifests: readonly Descriptor[]): Descriptor {
    return this.add(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });
  }

  /** A manifest with so many layers, and a config with so many. */
  image(options: { platform?: Platform; layers?: number; diffIds?: number; name?: string } = {}): Descriptor {
    const { platform = hostPlatform(), layers = 2, diffIds = layers, name = "" } = options;
    const config = this.add(CONFIG, {
      ...platform,
      author: name,
      rootfs: { type: "layers", diff_ids: Array.from({ length: diffIds }, (_, index) => diffId(String(index))) },
    });
    const list = Array.from({ length: layers }, (_, index) => ({
      mediaType: LAYER,
      digest: diffId(`a${String(index)}`.slice(-1)),
      size: 1,
    }));
    const manifest = this.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: list });
    return manifest;
  }

  readonly read: DocumentReader = async (kind, { digest }, _maxBytes, children) => {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) throw new Error(`${digest} is missing`);
    this.asked.push({ kind, digest, labels: Object.keys(children(bytes)) });
    return bytes;
  };
}

const on = (platform: Platform, descriptor: Descriptor): Descriptor => ({ ...descriptor, platform });

describe("an image's documents", () => {
  test("of a plain manifest are the manifest and its config", async () => {
    const store = new Store();
    const root = store.image({ name: "plain" });
    const documents = await readDocuments("app", root, store.read);
    expect(documents.manifestDescriptor).toEqual(root);
    expect(documents.manifest.layers).toHaveLength(2);
    expect(documents.config.author).toBe("plain");
    expect(documents.chain).toHaveLength(2);
    expect(documents.chain[0]).toBe(diffId("0"));
    expect(store.asked.map(({ kind }) => kind)).toEqual(["manifest", "config"]);
  });

  test("in an index are those for this host", async () => {
    const store = new Store();
    const wanted = store.image({ name: "ours" });
    const root = store.index(on(OTHER, store.image({ platform: OTHER })), on(hostPlatform(), wanted));
    const { manifestDescriptor, config } = await readDocuments("app", root, store.read);
    expect(manifestDescriptor.digest).toBe(wanted.digest);
    expect(config.author).toBe("ours");
    expect(store.asked.map(({ kind, labels }) => [kind, labels.length])).toEqual([
      ["index", 2],
      ["manifest", 3],
      ["config", 0],
    ]);
  });

  test("are found in an index within an index", async () => {
    const store = new Store();
    const inner = store.index(on(hostPlatform(), store.image({ name: "deep" })));
    const { config } = await readDocuments("app", store.index(on(hostPlatform(), inner)), store.read);
    expect(config.author).toBe("deep");
  });

  test("are not looked for in more than four", async () => {
    const store = new Store();
    const nested = (depth: number): Descriptor =>
      depth === 0 ? store.image() : store.index(on(hostPlatform(), nested(depth - 1)));
    await expect(readDocuments("app", nested(4), store.read)).resolves.toBeDefined();
    await expect(readDocuments("app", nested(5), store.read)).rejects.toMatchObject({ code: "IMAGE_INVALID" });
  });
});

describe("an image is refused", () => {
  test("when its index has nothing for this host: it says for what it is", async () => {
    const store = new Store();
    const root = store.index(on(OTHER, store.image({ platform: OTHER })));
    await expect(readDocuments("app", root, store.read)).rejects.toMatchObject({
      code: "IMAGE_PLATFORM_MISMATCH",
      message: expect.stringContaining("app"),
      hint: expect.stringContaining("plan9/z80"),
      details: { offered: ["plan9/z80"] },
    });
  });

  test("when its index is empty", async () => {
    const store = new Store();
    await expect(readDocuments("app", store.index(), store.read)).rejects.toMatchObject({
      code: "IMAGE_PLATFORM_MISMATCH",
      hint: expect.stringContaining("no platform"),
    });
  });

  test("when its config is for another host, whatever the index said", async () => {
    const store = new Store();
    const lying = store.index(on(hostPlatform(), store.image({ platform: OTHER })));
    await expect(readDocuments("app", lying, store.read)).rejects.toMatchObject({ code: "IMAGE_PLATFORM_MISMATCH" });
  });

  test.each([
    ["the config knows more layers", 1, 2],
    ["the manifest has more layers", 2, 1],
    ["there are no layers", 0, 0],
  ])("when %s", async (_what, layers, diffIds) => {
    const store = new Store();
    await expect(readDocuments("app", store.image({ layers, diffIds }), store.read)).rejects.toMatchObject({
      code: "IMAGE_INVALID",
      message: expect.stringContaining("app"),
    });
  });

  test("when its manifest is none", async () => {
    const store = new Store();
    await expect(readDocuments("app", store.add(OCI_MANIFEST, { schemaVersion: 2 }), store.read)).rejects.toMatchObject(
      {
        code: "IMAGE_INVALID",
      },
    );
  });
});

test("what cannot be read is passed on", async () => {
  const store = new Store();
  const absent = { mediaType: OCI_MANIFEST, digest: diffId("f"), size: 3 };
  await expect(readDocuments("app", absent, store.read)).rejects.toThrow("missing");
});
