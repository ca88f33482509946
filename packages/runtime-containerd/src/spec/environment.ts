import type { ContainerConfig } from "@voiyd/runtime-api";

/** What a shell falls back to, and Docker gives every container. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment of the first process: the image's, then the user's; a name counts once, and the last value wins. */
export function environment(config: ContainerConfig, image: readonly string[], hostname: string): readonly string[] {
  const variables = new Map([
    ["PATH", DEFAULT_PATH],
    ["HOSTNAME", hostname],
    ...(config.tty === true ? [["TERM", "xterm"] as const] : []),
  ]);
  for (const entry of image) {
    const separator = entry.indexOf("=");
    // An image may hold anything; what no environment can hold is left out.
    if (separator > 0 && !entry.includes("\0")) variables.set(entry.slice(0, separator), entry.slice(separator + 1));
  }
  for (const { name, value } of config.envvars ?? []) variables.set(name, value);
  return Array.from(variables, ([name, value]) => `${name}=${value}`);
}
