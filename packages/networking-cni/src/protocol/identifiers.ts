import { isIP } from "node:net";
import { RuntimeError } from "@voiyd/runtime-api";

/** CNI specification, "Parameters": what a container id and a network name may consist of. */
const IDENTIFIER = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** Record files are named `<network>-<container id>-<interface>`; no file system has names of more bytes. */
const FILE_NAME_MAX_BYTES = 255;
const INTERFACE_MAX_BYTES = 15;

/** Whether `text` may be a CNI container id. */
export function isContainerId(text: string): boolean {
  return IDENTIFIER.test(text) && text.length < FILE_NAME_MAX_BYTES;
}

/** Whether `text` may be the name of a network. */
export function isNetworkName(text: string): boolean {
  return IDENTIFIER.test(text) && text.length < FILE_NAME_MAX_BYTES;
}

/** Whether `text` may be the name of a network interface (kernel, `dev_valid_name`; 1 to 15 bytes). */
export function isInterfaceName(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes >= 1 && bytes <= INTERFACE_MAX_BYTES && text !== "." && text !== ".." && !/[/:\s\0]/u.test(text);
}

/** Whether `text` may be the `type` of a plugin: a file name, not a path. */
export function isPluginType(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && !/[/\\\0]/.test(text);
}

/** Whether `text` is an address in CIDR notation, as results have them: `10.0.0.2/24`, `fd00::2/64`. */
export function isAddressWithPrefix(text: string): boolean {
  const [address = "", prefix = "", ...more] = text.split("/");
  const longest = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest && more.length === 0;
}

/** Throws `INVALID_ARGUMENT` for what is no CNI container id. */
export function assertContainerId(containerId: unknown): asserts containerId is string {
  if (typeof containerId === "string" && isContainerId(containerId)) return;
  throw invalidIdentifier(
    "containerId",
    containerId,
    "letters, digits, '_', '.' and '-', beginning with a letter or a digit",
  );
}

/** Throws `INVALID_ARGUMENT` for what cannot be the name of a network. */
export function assertNetworkName(name: unknown): asserts name is string {
  if (typeof name === "string" && isNetworkName(name)) return;
  throw invalidIdentifier("network", name, "letters, digits, '_', '.' and '-', beginning with a letter or a digit");
}

/** The name of the record's file, as libcni forms it. Throws `INVALID_ARGUMENT` when it would be too long. */
export function recordFileName(network: string, containerId: string, ifName: string): string {
  const name = `${network}-${containerId}-${ifName}`;
  if (Buffer.byteLength(name) <= FILE_NAME_MAX_BYTES) return name;
  throw new RuntimeError(
    "INVALID_ARGUMENT",
    `network ${network} and container ${containerId}: names are too long together`,
    {
      hint: `Together with the interface they must stay within ${String(FILE_NAME_MAX_BYTES)} bytes`,
    },
  );
}

function invalidIdentifier(option: string, value: unknown, allowed: string): RuntimeError {
  const shown =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? String(value) : typeof value;
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${shown.slice(0, 80)} is not valid`, {
    hint: `${option} must consist of ${allowed}`,
    details: { option },
  });
}
