import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { gzipLayer, OCI, sha256, tarOf } from "../case-image.js";
import { zstdFrame } from "../misdeeds.js";
import { wrong, type RegistryCase } from "./registry-case.js";

/** Layers in every form, and archives that attack. */
export const LAYERS: readonly RegistryCase[] = [
  wrong("an uncompressed layer", "right", ({ image }) => {
    const archive = tarOf([["plain", randomBytes(50_000)]]);
    image.layers.push({
      bytes: archive,
      mediaType: OCI.layer,
      diffId: sha256(archive),
      extra: {},
    });
  }),
  wrong("a layer in Zstandard", "right", ({ image }) => {
    const archive = tarOf([["zstd", randomBytes(50_000)]]);
    image.layers.push({
      bytes: zstdFrame(archive),
      mediaType: `${OCI.layer}+zstd`,
      diffId: sha256(archive),
      extra: {},
    });
  }),
  wrong("a layer whose compression is broken", "IMAGE_INVALID", ({ image }) => {
    const [layer] = image.layers;
    if (layer !== undefined) layer.bytes = layer.bytes.subarray(0, layer.bytes.length >> 1);
  }),
  wrong("a gzip bomb: a quarter of a gigabyte of nothing, and no diff id for it", "DIGEST_MISMATCH", ({ image }) => {
    const bytes = gzipSync(tarOf([["bomb", Buffer.alloc(256 * 1024 * 1024)]]));
    image.layers.push({
      bytes,
      mediaType: `${OCI.layer}+gzip`,
      diffId: sha256(bytes),
      extra: {},
    });
  }),
  wrong("a layer that is no archive", "IMAGE_INVALID", ({ image }) => {
    image.layers.push(gzipLayer(Buffer.from("this is no archive at all, and far too short".repeat(40))));
  }),
  wrong("an archive with names that lead out of it", "right", ({ image }) => {
    image.layers.push(gzipLayer(tarOf([["../../../../../../../../voiyd-escaped", Buffer.from("escaped")]])));
  }),
  wrong("a link out of the archive, and a file through it", "right", ({ image }) => {
    image.layers.push(
      gzipLayer(
        tarOf([
          ["out", { to: "/" }],
          ["out/voiyd-escaped", Buffer.from("escaped")],
        ]),
      ),
    );
  }),
];
