import { invalid, RuntimeError, type BindMount } from "@voiyd/runtime-api";
import { isAbsolute, resolve } from "node:path";

type Propagation = NonNullable<BindMount["propagation"]>;

const PROPAGATIONS: readonly Propagation[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

/**
 * The mount for `source:destination[:option,…]` with the options `ro`, `rw` and the propagations of
 * `mount_namespaces(7)`. A source that begins with `.` is relative to `cwd`. Throws `INVALID_ARGUMENT`.
 */
export function parseVolume(text: string, cwd: string): BindMount {
  const [source, destination, options, ...rest] = text.split(":");
  if (source === undefined || source === "" || destination === undefined || destination === "" || rest.length > 0) {
    throw invalid("--volume", text, "SOURCE:DESTINATION or SOURCE:DESTINATION:OPTIONS");
  }
  return { type: "bind", source: sourcePath(source, text, cwd), destination, ...parseOptions(options, text) };
}

function sourcePath(source: string, text: string, cwd: string): string {
  if (isAbsolute(source) || /^\.\.?(?:\/|$)/.test(source)) return resolve(cwd, source);
  throw new RuntimeError(
    "INVALID_ARGUMENT",
    `--volume: ${JSON.stringify(text)} names a volume, and there are only folders and files`,
    {
      hint: `for the folder of that name, write ./${source}`,
      details: { option: "--volume" },
    },
  );
}

function parseOptions(options: string | undefined, text: string): Pick<BindMount, "readOnly" | "propagation"> {
  let readOnly: boolean | undefined;
  let propagation: Propagation | undefined;
  for (const option of options?.split(",") ?? []) {
    const named = PROPAGATIONS.find((one) => one === option);
    if (option === "ro" || option === "rw") readOnly = option === "ro";
    else if (named !== undefined) propagation = named;
    else throw invalid("--volume", text, `followed by ro, rw, ${PROPAGATIONS.join(", ")}, or nothing`);
  }
  return { ...(readOnly === true ? { readOnly } : {}), ...(propagation === undefined ? {} : { propagation }) };
}
