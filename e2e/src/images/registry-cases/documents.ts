import { OCI, sha256 } from "../case-image.js";
import { answer, withHeaders } from "../misdeeds.js";
import { ALWAYS, once, wrong, type RegistryCase } from "./registry-case.js";

/** Manifests and indexes that are not what they should be. */
export const DOCUMENTS: readonly RegistryCase[] = [
  once("the manifest is served as JSON", "right", "head", withHeaders({ "content-type": "application/json" }), ALWAYS),
  once("the layer is served as a page for people", "right", "layer", withHeaders({ "content-type": "text/html" })),
  once(
    "a page for people instead of a manifest",
    "IMAGE_INVALID",
    "any",
    answer(200, { "content-type": "text/html" }, "<html>"),
    ALWAYS,
  ),
  once(
    "the type of schema 1",
    "IMAGE_INVALID",
    "any",
    withHeaders({
      "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
      "docker-content-digest": "",
    }),
    ALWAYS,
  ),
  wrong("the manifest is called an index", "IMAGE_INVALID", ({ registry, image, repository, serve }) => {
    serve();
    registry.put(repository, "latest", OCI.index, image.manifestBytes, "manifest");
  }),
  wrong(
    "the manifest is truncated, and its digest is of that",
    "IMAGE_INVALID",
    ({ registry, image, repository, serve }) => {
      serve();
      const { manifestBytes } = image;
      registry.put(
        repository,
        "latest",
        OCI.manifest,
        manifestBytes.subarray(0, manifestBytes.length >> 1),
        "manifest",
      );
    },
  ),
  wrong("the manifest has five MiB", "IMAGE_INVALID", ({ image }) => {
    image.manifest = { annotations: { a: "x".repeat(5 * 1024 * 1024) } };
  }),
  wrong("the manifest is an index too", "IMAGE_INVALID", ({ image }) => {
    image.manifest = { manifests: [] };
  }),
  wrong("the manifest has 1001 layers", "IMAGE_INVALID", ({ image }) => {
    const layer = {
      mediaType: OCI.layer,
      digest: sha256(Buffer.alloc(0)),
      size: 0,
    };
    image.manifest = { layers: Array.from({ length: 1001 }, () => layer) };
  }),
  wrong("a layer's digest is a path", "IMAGE_INVALID", ({ image }) => {
    image.manifest = {
      layers: [{ mediaType: OCI.layer, digest: "sha256:../../../etc/passwd", size: 1 }],
    };
  }),
  wrong("the image has no layers", "IMAGE_INVALID", ({ image }) => {
    image.layers.length = 0;
  }),
  wrong("the config knows of fewer layers", "IMAGE_INVALID", ({ image }) => {
    image.config = {
      rootfs: { type: "layers", diff_ids: [image.layers[0]?.diffId] },
    };
  }),
  wrong("the config has no layers at all", "IMAGE_INVALID", ({ image }) => {
    image.config = { rootfs: undefined };
  }),
  wrong("the index is empty", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = () => ({
      schemaVersion: 2,
      mediaType: OCI.index,
      manifests: [],
    });
  }),
  wrong("the index is without our platform", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [{ ...entry, platform: { os: "linux", architecture: "s390x" } }],
    });
  }),
  wrong("the index has an attestation alone", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [
        {
          ...entry,
          platform: { os: "unknown", architecture: "unknown" },
          annotations: {
            "vnd.docker.reference.type": "attestation-manifest",
          },
        },
      ],
    });
  }),
  wrong("the index says our platform, the config another", "IMAGE_PLATFORM_MISMATCH", ({ image }) => {
    image.config = { architecture: "s390x" };
    image.index = (entry) => ({ schemaVersion: 2, manifests: [entry] });
  }),
  wrong("the index lists ours among others", "right", ({ image }) => {
    image.index = (entry) => ({
      schemaVersion: 2,
      manifests: [
        {
          ...entry,
          digest: sha256(Buffer.from("x")),
          platform: { os: "linux", architecture: "s390x" },
        },
        entry,
      ],
    });
  }),
  wrong("indexes are nested without an end", "IMAGE_INVALID", ({ registry, repository, image, serve }) => {
    serve();
    let bytes: Buffer = image.manifestBytes;
    let mediaType: string = OCI.manifest;
    for (let depth = 0; depth < 8; depth += 1) {
      const entry = { mediaType, digest: sha256(bytes), size: bytes.length };
      bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
      mediaType = OCI.index;
      registry.put(repository, "latest", mediaType, bytes, "manifest");
    }
  }),
];
