import { packAny, RuncOptionsSchema } from "@voiyd/containerd-client";
import { invalid } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { findProgram } from "../host/find-program.js";

/** What runs a container: a containerd shim, and for shims of runc's kind the OCI runtime under it. */
export interface ShimRuntime {
  /** As `io.containerd.runc.v2`. */
  readonly shim: string;
  /** The OCI runtime's program. Default: the shim's own, which is `runc`. */
  readonly binary?: string;
  /** Where the OCI runtime keeps its state. Default: the shim's own choice. */
  readonly root?: string;
}

const RUNC_SHIM = "io.containerd.runc.v2";

/** What everybody calls them by. */
const WELL_KNOWN: Readonly<Record<string, ShimRuntime>> = {
  runc: { shim: RUNC_SHIM },
  crun: { shim: RUNC_SHIM, binary: "crun" },
  youki: { shim: RUNC_SHIM, binary: "youki" },
  runsc: { shim: "io.containerd.runsc.v1" },
  kata: { shim: "io.containerd.kata.v2" },
};

/** A shim's name becomes a program's: `io.containerd.runc.v2` is `containerd-shim-runc-v2`. */
const SHIM = /^io\.containerd\.([a-z0-9-]+)\.(v\d+)$/;

/**
 * The runtime that a container is run by. Throws `INVALID_ARGUMENT` for one that is not known or not installed: no
 * path is taken from a request, because it would be a program of the host to be run as root.
 */
export async function chooseRuntime(
  context: Pick<RuntimeContext, "shim" | "runtimes">,
  name: string | undefined,
): Promise<ShimRuntime> {
  if (name === undefined) return { shim: context.shim };
  const own = context.runtimes.get(name) ?? (Object.hasOwn(WELL_KNOWN, name) ? WELL_KNOWN[name] : undefined);
  const runtime = own ?? (SHIM.test(name) ? { shim: name } : undefined);
  if (runtime === undefined) {
    const known = [...new Set([...context.runtimes.keys(), ...Object.keys(WELL_KNOWN)])].join(", ");
    throw invalid("runtime", name, `one of ${known}, or the name of a shim such as ${RUNC_SHIM}`);
  }
  const missing = await firstMissing([shimProgram(runtime.shim), runtime.binary]);
  if (missing !== undefined) throw invalid("runtime", name, `installed: this host has no ${missing}`);
  return runtime;
}

/** The program of a shim; undefined for a name that is a path already. */
function shimProgram(shim: string): string | undefined {
  const [, kind, version] = SHIM.exec(shim) ?? [];
  return kind === undefined || version === undefined ? undefined : `containerd-shim-${kind}-${version}`;
}

async function firstMissing(programs: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const program of programs) {
    if (program === undefined || program.startsWith("/")) continue;
    if ((await findProgram(program)) === undefined) return program;
  }
  return undefined;
}

/** The shim's options, where there is anything to say; only shims of runc's kind understand these. */
export function shimOptions(
  runtime: ShimRuntime,
  cgroupDriver: "cgroupfs" | "systemd",
): ReturnType<typeof packAny> | undefined {
  const systemdCgroup = cgroupDriver === "systemd";
  if (!runtime.shim.startsWith("io.containerd.runc.")) return undefined;
  if (!systemdCgroup && runtime.binary === undefined && runtime.root === undefined) return undefined;
  return packAny(RuncOptionsSchema, {
    systemdCgroup,
    ...(runtime.binary === undefined ? {} : { binaryName: runtime.binary }),
    ...(runtime.root === undefined ? {} : { root: runtime.root }),
  });
}
