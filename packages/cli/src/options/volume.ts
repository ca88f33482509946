import { invalid, isVolumeName, type BindMount, type VolumeMount } from "@voiyd/runtime-api";
import { isAbsolute, resolve } from "node:path";

type Propagation = NonNullable<BindMount["propagation"]>;

/** A mount of `--volume`. */
export interface ParsedVolume {
  readonly mount: BindMount | VolumeMount;
  /** Whether the source is to get the label that a SELinux host asks for (`z`, `Z`). */
  readonly relabel: boolean;
}

export const PROPAGATIONS: readonly Propagation[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
/** What only other systems than Linux act on. */
const CONSISTENCIES: readonly string[] = ["consistent", "cached", "delegated", "default"];
const ALLOWED = "[SOURCE:]DESTINATION[:OPTIONS], with a destination that begins with /";

/**
 * The mount for `[source:]destination[:option,…]`, by Docker's rules: a source with a separator, or `.`, is a path of the host, any
 * other is the name of a volume; without a source it is a volume of the container's own. Throws `INVALID_ARGUMENT`.
 */
export function parseVolume(text: string, cwd: string): ParsedVolume {
  const parts = text.split(":");
  const [first, second, options, ...rest] = parts;
  if (first === undefined || rest.length > 0 || parts.includes("")) throw invalid("--volume", text, ALLOWED);
  const source = second === undefined ? undefined : first;
  const destination = second ?? first;
  if (!isAbsolute(destination)) throw invalid("--volume", text, ALLOWED);
  const read = readOptions(options, text);
  const { readOnly, nonRecursive, readOnlyDepth, propagation, noCopy } = read;
  if (source !== undefined && isPath(source)) {
    if (noCopy) throw invalid("--volume", text, "without nocopy: nothing is copied into a folder of the host");
    return {
      relabel: read.relabel,
      mount: {
        type: "bind",
        source: resolve(cwd, source),
        destination,
        ...(readOnly ? { readOnly } : {}),
        ...(readOnlyDepth === undefined ? {} : { readOnlyDepth }),
        ...(nonRecursive ? { nonRecursive } : {}),
        ...(propagation === undefined ? {} : { propagation }),
      },
    };
  }
  if (source !== undefined && !isVolumeName(source)) {
    throw invalid(
      "--volume",
      text,
      `a path that begins with / or ./, or a volume's name: 2 to 128 letters, digits, ".", "_" or "-"`,
    );
  }
  if (propagation !== undefined || readOnlyDepth !== undefined || nonRecursive) {
    throw invalid("--volume", text, "a folder of the host, for propagation and what is mounted below it");
  }
  return {
    relabel: read.relabel,
    mount: {
      type: "volume",
      ...(source === undefined ? {} : { name: source }),
      destination,
      ...(readOnly ? { readOnly } : {}),
      ...(noCopy ? { noCopy } : {}),
    },
  };
}

function isPath(source: string): boolean {
  return isAbsolute(source) || /^\.\.?(?:\/|$)/.test(source);
}

interface VolumeOptions {
  readonly readOnly: boolean;
  readonly readOnlyDepth?: NonNullable<BindMount["readOnlyDepth"]>;
  readonly nonRecursive: boolean;
  readonly propagation?: Propagation;
  readonly noCopy: boolean;
  readonly relabel: boolean;
}

/** Each kind of option once at the most, as Docker asks for. */
function readOptions(options: string | undefined, text: string): VolumeOptions {
  const found = new Map<string, string>();
  for (const option of options?.split(",") ?? []) {
    const kind = kindOf(option);
    if (kind === undefined || found.has(kind)) {
      throw invalid(
        "--volume",
        text,
        `followed by ro, rw, rro, nocopy, z, Z, bind, rbind, or ${PROPAGATIONS.join(", ")}, one of a kind`,
      );
    }
    found.set(kind, option);
  }
  const propagation = PROPAGATIONS.find((one) => one === found.get("propagation"));
  return {
    readOnly: found.get("mode") === "ro" || found.get("mode") === "rro",
    ...(found.get("mode") === "rro" ? { readOnlyDepth: "recursive" as const } : {}),
    // What is mounted below comes along, unless `bind` says that it does not.
    nonRecursive: found.get("recursion") === "bind",
    ...(propagation === undefined ? {} : { propagation }),
    noCopy: found.has("copy"),
    relabel: found.has("label"),
  };
}

function kindOf(option: string): string | undefined {
  if (option === "ro" || option === "rw" || option === "rro") return "mode";
  if (option === "bind" || option === "rbind") return "recursion";
  if (option === "nocopy") return "copy";
  if (option === "z" || option === "Z") return "label";
  if (PROPAGATIONS.some((one) => one === option)) return "propagation";
  return CONSISTENCIES.includes(option) ? "consistency" : undefined;
}
