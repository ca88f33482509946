import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import fc from "fast-check";
import { parseImageConfig } from "./image-config.js";
import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from "./limits.js";
import { parseIndex, parseManifest } from "./manifest.js";
import { DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, OCI_INDEX, OCI_MANIFEST } from "./media-types.js";

const DIGEST = `sha256:${"a".repeat(64)}`;
const CONFIG = { mediaType: "application/vnd.oci.image.config.v1+json", digest: DIGEST, size: 7 };
const LAYER = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: DIGEST, size: 32 };
const MANIFEST = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: CONFIG, layers: [LAYER] };
const INDEX = { schemaVersion: 2, manifests: [{ mediaType: OCI_MANIFEST, digest: DIGEST, size: 5 }] };
const IMAGE = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [DIGEST] } };

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

const invalid = expect.objectContaining({ code: "IMAGE_INVALID" });

describe("a manifest", () => {
  test("is read with its config, layers and annotations", () => {
    const document = { ...MANIFEST, annotations: { a: "b" }, subject: CONFIG };
    expect(parseManifest(bytes(document), OCI_MANIFEST)).toEqual({
      mediaType: OCI_MANIFEST,
      config: CONFIG,
      layers: [LAYER],
      annotations: { a: "b" },
      subject: CONFIG,
    });
  });

  test("of Docker's schema 2 is read the same", () => {
    expect(parseManifest(bytes({ ...MANIFEST, mediaType: DOCKER_MANIFEST }), DOCKER_MANIFEST).layers).toHaveLength(1);
  });

  test("may have no layers, written as null, and blobs of no bytes", () => {
    expect(parseManifest(bytes({ ...MANIFEST, layers: null }), OCI_MANIFEST).layers).toEqual([]);
    expect(parseManifest(bytes({ ...MANIFEST, layers: [{ ...LAYER, size: 0 }] }), OCI_MANIFEST).layers[0]?.size).toBe(
      0,
    );
  });

  test.each([
    ["is no JSON", "{"],
    ["is a list", []],
    ["is null", "null"],
    ["starts with a byte order mark", `\ufeff${JSON.stringify(MANIFEST)}`],
    ["has no version", { ...MANIFEST, schemaVersion: undefined }],
    ["has version 1", { ...MANIFEST, schemaVersion: 1 }],
    ["calls itself an index", { ...MANIFEST, mediaType: OCI_INDEX }],
    ["is an index too", { ...MANIFEST, manifests: [] }],
    ["has layers of schema 1 too", { ...MANIFEST, fsLayers: [] }],
    ["has no config", { ...MANIFEST, config: undefined }],
    ["has no layers", { ...MANIFEST, layers: undefined }],
    ["has layers that are no list", { ...MANIFEST, layers: { length: 1 } }],
    ["has a second list under another case", { ...MANIFEST, Layers: [] }],
    ["has a layer that is null", { ...MANIFEST, layers: [null] }],
    ["has a layer without a size", { ...MANIFEST, layers: [{ ...LAYER, size: undefined }] }],
    ["has a negative size", { ...MANIFEST, layers: [{ ...LAYER, size: -1 }] }],
    ["has a size of text", { ...MANIFEST, layers: [{ ...LAYER, size: "32" }] }],
    ["has a size beyond exact numbers", { ...MANIFEST, layers: [{ ...LAYER, size: 2 ** 60 }] }],
    ["has a broken size", { ...MANIFEST, layers: [{ ...LAYER, size: 1.5 }] }],
    ["has a digest that is a path", { ...MANIFEST, layers: [{ ...LAYER, digest: "sha256:../../x" }] }],
    ["has a digest of another kind", { ...MANIFEST, layers: [{ ...LAYER, digest: `md5:${"a".repeat(32)}` }] }],
    ["has a media type with a line break", { ...MANIFEST, layers: [{ ...LAYER, mediaType: "a/b\r\nx: y" }] }],
    ["has a digest under another case", { ...MANIFEST, layers: [{ ...LAYER, Digest: DIGEST }] }],
    ["has annotations that are no strings", { ...MANIFEST, annotations: { a: 1 } }],
    ["has urls that are no strings", { ...MANIFEST, layers: [{ ...LAYER, urls: [1] }] }],
    ["has 1001 layers", { ...MANIFEST, layers: Array.from({ length: 1001 }, () => LAYER) }],
    ["has a config of 9 MiB", { ...MANIFEST, config: { ...CONFIG, size: 9 * 1024 * 1024 } }],
  ])("that %s is refused", (_, document) => {
    expect(() => parseManifest(bytes(document), OCI_MANIFEST)).toThrow(invalid);
  });

  test("of more than 4 MiB is refused, whatever is in it", () => {
    expect(() => parseManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1), OCI_MANIFEST)).toThrow(invalid);
  });

  test("that is not UTF-8 is refused", () => {
    expect(() => parseManifest(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), OCI_MANIFEST)).toThrow(invalid);
  });

  test("of schema 1 is refused with what to do", () => {
    expect(() => parseManifest(bytes(MANIFEST), "application/vnd.docker.distribution.manifest.v1+prettyjws")).toThrow(
      /schema 1.*push/,
    );
  });

  test("keeps a key __proto__ as data", () => {
    const parsed = parseManifest(
      bytes(JSON.stringify(MANIFEST).replace("{", '{"annotations":{"__proto__":"x"},')),
      OCI_MANIFEST,
    );
    expect(Object.entries(parsed.annotations ?? {})).toEqual([["__proto__", "x"]]);
    expect({}).not.toHaveProperty("x");
  });

  test("nested deeply in JSON does not break the reader", () => {
    expect(() => parseManifest(bytes("[".repeat(1_000_000)), OCI_MANIFEST)).toThrow(invalid);
  });

  test("made of anything is read or refused with IMAGE_INVALID", () => {
    const documents = fc.oneof(
      fc.json(),
      fc
        .record({
          schemaVersion: fc.constant(2),
          config: fc.oneof(fc.constant(CONFIG), fc.jsonValue()),
          layers: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(documents, (text) => {
        for (const parse of [
          (b: Uint8Array) => parseManifest(b, OCI_MANIFEST),
          (b: Uint8Array) => parseIndex(b, OCI_INDEX),
          parseImageConfig,
        ]) {
          try {
            parse(bytes(text));
          } catch (error) {
            if (!isRuntimeError(error, "IMAGE_INVALID")) throw error;
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an index", () => {
  test("is read with its platforms", () => {
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    const parsed = parseIndex(
      bytes({ ...INDEX, manifests: [{ ...INDEX.manifests[0], platform }] }),
      DOCKER_MANIFEST_LIST,
    );
    expect(parsed.manifests[0]?.platform).toEqual(platform);
  });

  test.each([
    ["is a manifest too", { ...INDEX, layers: [LAYER] }],
    ["has a config", { ...INDEX, config: CONFIG }],
    ["has no manifests", { schemaVersion: 2 }],
    ["has a manifest of 5 MiB", { ...INDEX, manifests: [{ ...INDEX.manifests[0], size: 5 * 1024 * 1024 }] }],
    [
      "has a platform without a system",
      { ...INDEX, manifests: [{ ...INDEX.manifests[0], platform: { architecture: "amd64" } }] },
    ],
    ["has 1001 manifests", { ...INDEX, manifests: Array.from({ length: 1001 }, () => INDEX.manifests[0]) }],
  ])("that %s is refused", (_, document) => {
    expect(() => parseIndex(bytes(document), OCI_INDEX)).toThrow(invalid);
  });

  test("is not read as a manifest, nor the other way round", () => {
    expect(() => parseIndex(bytes(INDEX), OCI_MANIFEST)).toThrow(invalid);
    expect(() => parseManifest(bytes(MANIFEST), OCI_INDEX)).toThrow(invalid);
  });
});

describe("an image config", () => {
  test("is read into typed members", () => {
    const parsed = parseImageConfig(
      bytes({
        ...IMAGE,
        variant: "v2",
        created: "2024-01-01T00:00:00Z",
        config: {
          User: "www",
          ExposedPorts: { "80/tcp": {} },
          Env: ["A=b"],
          Entrypoint: ["/e"],
          Cmd: ["c"],
          Volumes: { "/data": {} },
          WorkingDir: "/w",
          Labels: { l: "v" },
          StopSignal: "SIGQUIT",
        },
        history: [{ created_by: "RUN x", empty_layer: true }, {}],
      }),
    );
    expect(parsed).toEqual({
      architecture: "amd64",
      os: "linux",
      variant: "v2",
      created: "2024-01-01T00:00:00Z",
      config: {
        user: "www",
        exposedPorts: ["80/tcp"],
        env: ["A=b"],
        entrypoint: ["/e"],
        cmd: ["c"],
        volumes: ["/data"],
        workingDir: "/w",
        labels: { l: "v" },
        stopSignal: "SIGQUIT",
      },
      rootfs: { diffIds: [DIGEST] },
      history: [{ createdBy: "RUN x", emptyLayer: true }, { emptyLayer: false }],
    });
  });

  test("as Go writes it, with null for what is empty, is read", () => {
    const config = { User: "", Env: null, Entrypoint: null, Cmd: null, Volumes: null, WorkingDir: "", Labels: null };
    expect(parseImageConfig(bytes({ ...IMAGE, config, history: null })).config).toEqual({
      exposedPorts: [],
      env: [],
      volumes: [],
      labels: {},
    });
    expect(parseImageConfig(bytes(IMAGE)).config).toEqual({ exposedPorts: [], env: [], volumes: [], labels: {} });
  });

  test.each([
    ["is empty", {}],
    ["has no rootfs", { architecture: "a", os: "b" }],
    ["has another kind of rootfs", { ...IMAGE, rootfs: { type: "ostree", diff_ids: [] } }],
    ["has a diff id that is no digest", { ...IMAGE, rootfs: { type: "layers", diff_ids: ["x"] } }],
    ["has an environment of numbers", { ...IMAGE, config: { Env: [1] } }],
    ["has a user that is a number", { ...IMAGE, config: { User: 0 } }],
    ["has labels in a list", { ...IMAGE, config: { Labels: ["a"] } }],
    ["has 1001 layers", { ...IMAGE, rootfs: { type: "layers", diff_ids: Array.from({ length: 1001 }, () => DIGEST) } }],
  ])("that %s is refused", (_, document) => {
    expect(() => parseImageConfig(bytes(document))).toThrow(invalid);
  });

  test("of more than 8 MiB is refused", () => {
    expect(() => parseImageConfig(new Uint8Array(MAX_CONFIG_BYTES + 1))).toThrow(invalid);
  });
});
