import { invalid } from "@voiyd/runtime-api";
import { parseInteger } from "./number.js";
import { parseSize } from "./size.js";

/** The two halves of `path:value`. */
function split(option: string, text: string, value: string): readonly [path: string, value: string] {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) throw invalid(option, text, `a device's path and ${value}`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** `path:rate` with a rate in bytes, as `/dev/sda:1mb`. Throws `INVALID_ARGUMENT`. */
export function parseByteRate(option: string, text: string): { readonly path: string; readonly rate: number } {
  const [path, rate] = split(option, text, "bytes a second, as /dev/sda:1mb");
  return { path, rate: parseSize(option, rate) };
}

/** `path:rate` with a rate in operations. Throws `INVALID_ARGUMENT`. */
export function parseOperationRate(option: string, text: string): { readonly path: string; readonly rate: number } {
  const [path, rate] = split(option, text, "operations a second, as /dev/sda:100");
  return { path, rate: parseInteger(option, rate) };
}

/** `path:weight`. Throws `INVALID_ARGUMENT`. */
export function parseDeviceWeight(text: string): { readonly path: string; readonly weight: number } {
  const [path, weight] = split("--blkio-weight-device", text, "a weight, as /dev/sda:500");
  return { path, weight: parseInteger("--blkio-weight-device", weight) };
}
