import { cutAt, reset, silence, stallAt, untilClose, wrongRange } from "../misdeeds.js";
import { ALWAYS, once, type RegistryCase } from "./registry-case.js";

const CUTS: readonly RegistryCase[] = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((share) =>
  once(`the layer is cut at ${String(share * 100)} %`, "right", "layer", cutAt(share)),
);

/** Connections that break, stall, or say nothing. */
export const CONNECTIONS: readonly RegistryCase[] = [
  ...CUTS,
  once("the manifest is cut in the middle", "right", "manifest", cutAt(0.5)),
  once("the config is cut in the middle", "right", "config", cutAt(0.5)),
  once("the layer is cut four times", "right", "layer", cutAt(0.5), 4),
  once("the layer is always cut at its first bytes", "UNAVAILABLE", "layer", cutAt(0.0001), ALWAYS),
  once("the connection is reset before the answer", "right", "any", reset),
  once("the connection is always reset", "UNAVAILABLE", "any", reset, ALWAYS),
  {
    ...once("the layer stalls half-way", "right", "layer", stallAt(0.5)),
    options: () => ({ stallTimeoutMs: 400 }),
  },
  {
    ...once("the layer always stalls", "TIMEOUT", "layer", stallAt(0.0001), ALWAYS),
    options: () => ({ stallTimeoutMs: 300, attempts: 2 }),
  },
  {
    ...once("the registry never answers", "TIMEOUT", "any", silence, ALWAYS),
    options: () => ({ stallTimeoutMs: 300, attempts: 1 }),
  },
  {
    name: "the layer is cut, and goes on at another place than was asked for",
    outcome: "REGISTRY_ERROR",
    arrange: ({ registry }) => {
      registry.script("layer", cutAt(0.9));
      registry.script("layer", wrongRange, ALWAYS);
    },
  },
  once("the layer ends with its connection, without a length", "right", "layer", untilClose),
  once(
    "the registry ignores ranges",
    "right",
    "layer",
    ({ bytes }, response, serve) => {
      if (bytes.length < 100_000) serve();
      else response.writeHead(200, { "content-length": String(bytes.length) }).end(bytes);
    },
    ALWAYS,
  ),
];
