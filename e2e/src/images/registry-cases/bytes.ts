import { randomBytes } from "node:crypto";
import { gzipLayer, OCI, sha256 } from "../case-image.js";
import { alter, flip, withHeaders } from "../misdeeds.js";
import { ALWAYS, once, wrong, type RegistryCase } from "./registry-case.js";

/** Other bytes than were promised. */
export const BYTES: readonly RegistryCase[] = [
  once("the layer has a flipped bit", "DIGEST_MISMATCH", "layer", alter(flip), ALWAYS),
  once("the config has a flipped bit", "DIGEST_MISMATCH", "config", alter(flip), ALWAYS),
  once("the manifest has a flipped bit", "DIGEST_MISMATCH", "manifest", alter(flip), ALWAYS),
  once(
    "the layer is announced too short",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => bytes.subarray(0, -1)),
    ALWAYS,
  ),
  once(
    "the layer is announced too long",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => Buffer.concat([bytes, bytes])),
    ALWAYS,
  ),
  once(
    "the layer comes without a length",
    "right",
    "layer",
    alter((bytes) => bytes, true),
  ),
  once(
    "the layer comes without a length, too short",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => bytes.subarray(0, -9), true),
    ALWAYS,
  ),
  once(
    "the layer comes without a length, too long",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => Buffer.concat([bytes, bytes]), true),
    ALWAYS,
  ),
  wrong("the descriptor promises more bytes", "DIGEST_MISMATCH", ({ image }) => {
    for (const layer of image.layers) layer.extra = { size: layer.bytes.length + 1 };
  }),
  {
    ...once(
      "the digest asked for is answered with another",
      "DIGEST_MISMATCH",
      "head",
      withHeaders({
        "content-type": OCI.manifest,
        "docker-content-digest": sha256(Buffer.from("other")),
      }),
      ALWAYS,
    ),
    byDigest: true,
  },
  once(
    "the layer was compressed on the way, unasked",
    "DIGEST_MISMATCH",
    "layer",
    alter((bytes) => gzipLayer(bytes).bytes, true),
    ALWAYS,
  ),
  wrong("a layer unpacks to something else than its diff id", "DIGEST_MISMATCH", ({ image }) => {
    for (const layer of image.layers) layer.diffId = sha256(randomBytes(8));
  }),
];
