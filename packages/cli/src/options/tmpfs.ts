import { invalid, type TmpfsMount } from "@voiyd/runtime-api";
import { parseMode, parseWhole } from "./number.js";
import { parseSize } from "./size.js";

type Options = Omit<TmpfsMount, "type" | "destination">;

/** What stands alone. What a tmpfs is anyway changes nothing. */
const WORDS: Readonly<Record<string, Options>> = {
  ro: { readOnly: true },
  rw: {},
  exec: { exec: true },
  noexec: { exec: false },
  suid: { suid: true },
  nosuid: { suid: false },
  dev: { dev: true },
  nodev: { dev: false },
};
/** What has a value. */
const VALUES: Readonly<Record<string, (value: string) => Options>> = {
  size: (value) => ({ size: parseSize("--tmpfs size", value) }),
  mode: (value) => ({ mode: parseMode("--tmpfs mode", value) }),
  uid: (value) => ({ uid: parseWhole("--tmpfs uid", value) }),
  gid: (value) => ({ gid: parseWhole("--tmpfs gid", value) }),
};

/** The mount for `destination[:option,…]`, with options of `tmpfs(5)` and `mount(8)`. Throws `INVALID_ARGUMENT`. */
export function parseTmpfs(text: string): TmpfsMount {
  const colon = text.indexOf(":");
  const destination = colon === -1 ? text : text.slice(0, colon);
  const options = colon === -1 ? [] : text.slice(colon + 1).split(",");
  return options.reduce<TmpfsMount>((mount, option) => ({ ...mount, ...read(option, text) }), {
    type: "tmpfs",
    destination,
  });
}

function read(option: string, text: string): Options {
  const [name = "", value] = option.split("=", 2);
  const found = value === undefined ? ownValue(WORDS, name) : ownValue(VALUES, name)?.(value);
  if (found !== undefined) return found;
  throw invalid(
    "--tmpfs",
    text,
    `a path, and after a colon ${Object.keys(WORDS).join(", ")}, ${Object.keys(VALUES).join("=, ")}=`,
  );
}

function ownValue<V>(table: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
