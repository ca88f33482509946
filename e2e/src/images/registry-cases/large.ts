import { randomBytes } from "node:crypto";
import { OCI, sha256, tarOf } from "../case-image.js";
import { alter, answer, cutAt, flip, stallAt, untilClose } from "../misdeeds.js";
import type { Misdeed } from "../misbehaving-registry.js";
import { ALWAYS, wrong, type RegistryCase } from "./registry-case.js";

/** Layers that are large enough to be read past the HTTP parser. */
export const LARGE: readonly RegistryCase[] = [
  ...[0, 0.01, 0.33, 0.5, 0.99].map((share) =>
    large(`a large layer is cut at ${String(share * 100)} %`, "right", cutAt(share)),
  ),
  large("a large layer is cut four times", "right", cutAt(0.3), 4),
  {
    ...large("a large layer stalls half-way", "right", stallAt(0.5)),
    options: () => ({ stallTimeoutMs: 400 }),
  },
  large("a large layer has a flipped bit", "DIGEST_MISMATCH", alter(flip), ALWAYS),
  large(
    "a large layer comes without a length",
    "right",
    alter((bytes) => bytes, true),
  ),
  large("a large layer ends with its connection, without a length", "right", untilClose),
  large(
    "a large layer comes without a length, too long",
    "DIGEST_MISMATCH",
    alter((bytes) => Buffer.concat([bytes, bytes]), true),
    ALWAYS,
  ),
  large("500 once for a large layer", "right", answer(500)),
  large("a large layer is redirected within the registry", "right", ({ url }, response) => {
    response.writeHead(302, { location: `${url.pathname}?again=1` }).end();
  }),
];

/** The layer has five pieces of a MiB, as it is. */
function large(name: string, outcome: RegistryCase["outcome"], misdeed: Misdeed, times = 1): RegistryCase {
  return wrong(name, outcome, ({ registry, image }) => {
    const archive = tarOf([["large", randomBytes(5 * 1024 * 1024)]]);
    image.layers.splice(0, Infinity, {
      bytes: archive,
      mediaType: OCI.layer,
      diffId: sha256(archive),
      extra: {},
    });
    registry.script("layer", misdeed, times);
  });
}
