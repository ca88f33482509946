import type { SpecMount } from "./oci.js";

/** Where a container finds its first process with `init`. */
export const INIT_PATH = "/sbin/voiyd-init";

/** The command as a child of the small first process: everything after `--` is the command. */
export function withInit(args: readonly string[], init: string | undefined): readonly string[] {
  return init === undefined ? args : [INIT_PATH, "--", ...args];
}

/** The host's binary, at its place in the container. */
export function initMount(init: string | undefined): readonly SpecMount[] {
  if (init === undefined) return [];
  return [
    { destination: INIT_PATH, type: "bind", source: init, options: ["bind", "ro", "rprivate", "nosuid", "nodev"] },
  ];
}
