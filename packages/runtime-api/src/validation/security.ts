import type { ContainerConfig } from "../container.js";
import { parseCapability } from "./capabilities.js";
import { invalid } from "./invalid.js";
import { assertAbsolutePath } from "./path.js";

const LABEL_PARTS = {
  user: /^[a-z0-9_]+$/,
  role: /^[a-z0-9_]+$/,
  type: /^[a-zA-Z0-9_.]+$/,
  level: /^s\d+(?:-s\d+)?(?::c\d+(?:[.,-]c\d+)*)?$/,
};
const PROFILE_MAX_CHARS = 4 * 1024 * 1024;

/** Throws `INVALID_ARGUMENT` for what confines a container and cannot be read, and for words that contradict each other. */
export function assertSecurity(config: ContainerConfig): void {
  const { capabilities = {}, seccomp, apparmor, selinux } = config;
  for (const capability of [...(capabilities.add ?? []), ...(capabilities.drop ?? [])]) parseCapability(capability);
  for (const capability of capabilities.ambient ?? []) {
    if (parseCapability(capability) === "ALL")
      throw invalid("capabilities.ambient", capability, "single names from capabilities(7)");
  }
  if (config.hardened === true && config.privileged === true) {
    throw invalid("hardened", true, "left out for a privileged container, which is the opposite");
  }
  if (seccomp !== undefined && seccomp !== "default" && seccomp !== "unconfined") {
    if (
      typeof seccomp !== "object" ||
      typeof seccomp.profile !== "string" ||
      seccomp.profile.length > PROFILE_MAX_CHARS
    ) {
      throw invalid("seccomp", seccomp, "default, unconfined, or the text of a profile in Docker's JSON format");
    }
  }
  if (apparmor !== undefined && !/^[a-zA-Z0-9_][a-zA-Z0-9_./-]{0,254}$/.test(apparmor)) {
    throw invalid("apparmor", apparmor, "unconfined, or the name of a profile");
  }
  if (selinux !== undefined && selinux !== "disable") {
    for (const part of ["user", "role", "type", "level"] as const) {
      const value = selinux[part];
      if (value !== undefined && !LABEL_PARTS[part].test(value))
        throw invalid(`selinux.${part}`, value, `a SELinux ${part}`);
    }
  }
  for (const option of ["maskedPaths", "readonlyPaths"] as const) {
    for (const path of config[option] ?? []) assertAbsolutePath(option, path);
  }
}
