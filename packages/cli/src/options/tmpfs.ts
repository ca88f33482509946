import { invalid, type TmpfsMount } from "@voiyd/runtime-api";
import { parseSize } from "./size.js";

/** What a tmpfs is anyway, so that asking for it changes nothing. */
const ALWAYS: readonly string[] = ["rw", "nosuid", "nodev", "noexec"];

/** The mount for `destination[:option,…]` with `size=64m`, `mode=1777` (octal), `ro`. Throws `INVALID_ARGUMENT`. */
export function parseTmpfs(text: string): TmpfsMount {
  const colon = text.indexOf(":");
  const destination = colon === -1 ? text : text.slice(0, colon);
  let mount: TmpfsMount = { type: "tmpfs", destination };
  for (const option of colon === -1 ? [] : text.slice(colon + 1).split(",")) {
    const [name, value] = option.split("=", 2);
    if (option === "ro") mount = { ...mount, readOnly: true };
    else if (name === "size" && value !== undefined) mount = { ...mount, size: parseSize("--tmpfs size", value) };
    else if (name === "mode" && value !== undefined && /^[0-7]{1,5}$/.test(value))
      mount = { ...mount, mode: Number.parseInt(value, 8) };
    else if (!ALWAYS.includes(option))
      throw invalid("--tmpfs", text, "a path, followed by size=BYTES, mode=OCTAL, ro, or nothing");
  }
  return mount;
}
