import { type Device, invalid } from "@voiyd/runtime-api";

const CDI = /^[^/:=]+\/[^/:=]+=[^/]+$/;
const PERMISSIONS = /^[rwm]+$/;

/**
 * The device of `path[:path in the container][:permissions]`, or of a qualified CDI name as `vendor.com/class=name`.
 * Throws `INVALID_ARGUMENT`.
 */
export function parseDevice(text: string): Device {
  if (CDI.test(text)) return { cdi: text };
  const [path = "", second, third, ...rest] = text.split(":");
  if (path === "" || second === "" || third === "" || rest.length > 0) {
    throw invalid("--device", text, "PATH[:PATH IN THE CONTAINER][:PERMISSIONS], or a CDI name");
  }
  if (second === undefined) return { path };
  if (third !== undefined) return { path, destination: second, permissions: third };
  return PERMISSIONS.test(second) ? { path, permissions: second } : { path, destination: second };
}
