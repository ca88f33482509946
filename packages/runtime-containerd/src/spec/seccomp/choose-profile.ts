import type { ContainerConfig } from "@voiyd/runtime-api";
import { customSeccompProfile } from "./custom-profile.js";
import { defaultSeccompProfile } from "./default-profile.js";
import type { KernelVersion, SeccompMachine } from "./syscall-group.js";
import type { LinuxSeccomp } from "./types.js";

/**
 * The filter of system calls that a container gets: undefined for none. Comes last of all, because it depends on the
 * capabilities that are left. Throws `INVALID_ARGUMENT` for a profile that cannot be read.
 */
export function chooseSeccomp(
  config: ContainerConfig,
  host: { readonly architecture: SeccompMachine; readonly kernel: KernelVersion },
  capabilities: readonly string[],
): LinuxSeccomp | undefined {
  const wanted = config.seccomp ?? (config.privileged === true ? "unconfined" : "default");
  const input = { architecture: host.architecture, kernel: host.kernel, capabilities };
  switch (wanted) {
    case "unconfined":
      return undefined;
    case "default":
      return defaultSeccompProfile(input);
    default:
      return customSeccompProfile(wanted.profile, input);
  }
}
