import { answer } from "../misdeeds.js";
import { ALWAYS, once, type RegistryCase } from "./registry-case.js";

/** Answers that are none. */
export const STATUSES: readonly RegistryCase[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) =>
    once(`${String(status)} once for the manifest`, "right", "manifest", answer(status)),
  ),
  once("500 once for the layer", "right", "layer", answer(500)),
  once("500 always for the layer", "REGISTRY_ERROR", "layer", answer(500), ALWAYS),
  once("429 once, with seconds to wait", "right", "head", answer(429, { "retry-after": "7" })),
  once(
    "429 once, with a date to wait for",
    "right",
    "head",
    answer(429, { "retry-after": "Wed, 01 Jan 2020 00:00:00 GMT" }),
  ),
  once("429 always", "REGISTRY_RATE_LIMITED", "any", answer(429), ALWAYS),
  once("429 for a day", "REGISTRY_RATE_LIMITED", "any", answer(429, { "retry-after": "86400" }), ALWAYS),
  once("404 for the tag", "IMAGE_NOT_FOUND", "head", answer(404), ALWAYS),
  once("404 for the layer", "IMAGE_NOT_FOUND", "layer", answer(404), ALWAYS),
  once("404 for the config", "IMAGE_NOT_FOUND", "config", answer(404), ALWAYS),
  once("403 for the layer", "REGISTRY_UNAUTHORIZED", "layer", answer(403), ALWAYS),
  once("418 for the layer", "REGISTRY_ERROR", "layer", answer(418), ALWAYS),
  once("405 for HEAD", "right", "head", answer(405), ALWAYS),
];
