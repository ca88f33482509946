import { invalid, type ContainerConfig, type SelinuxLabel } from "@voiyd/runtime-api";
import { parseBoolean } from "../command-line/boolean.js";

/** What `--security-opt` can say; a seccomp profile still as the path of its file. */
export interface SecurityOptions extends Pick<
  ContainerConfig,
  "apparmor" | "selinux" | "maskedPaths" | "readonlyPaths" | "writableCgroups"
> {
  readonly noNewPrivileges?: boolean;
  readonly seccomp?: "default" | "unconfined" | { readonly file: string };
}

type Reader = (value: string, before: SecurityOptions) => SecurityOptions | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  "no-new-privileges": (value) => flag("noNewPrivileges", value),
  "writable-cgroups": (value) => flag("writableCgroups", value),
  seccomp: (value) => {
    if (value === "unconfined") return { seccomp: "unconfined" };
    return { seccomp: value === "builtin" ? "default" : { file: value } };
  },
  apparmor: (value) => ({ apparmor: value }),
  label: (value, { selinux }) => {
    if (value === "disable") return { selinux: "disable" };
    const [, part, text] = /^(user|role|type|level):(.+)$/.exec(value) ?? [];
    if (part === undefined || text === undefined) return undefined;
    const label: SelinuxLabel = typeof selinux === "object" ? selinux : {};
    return { selinux: { ...label, [part]: text } };
  },
  systempaths: (value) => (value === "unconfined" ? { maskedPaths: [], readonlyPaths: [] } : undefined),
};

const ALLOWED =
  "no-new-privileges, seccomp=unconfined|builtin|FILE, apparmor=PROFILE, label=disable|user:…|role:…|type:…|level:…, " +
  "systempaths=unconfined, or writable-cgroups=true|false";

/** What several `--security-opt` add up to, in the order in which they were given. Throws `INVALID_ARGUMENT`. */
export function parseSecurityOptions(texts: readonly string[]): SecurityOptions {
  return texts.reduce<SecurityOptions>((before, text) => {
    const [, name = "", value] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(text) ?? [];
    const given = value ?? (name === "no-new-privileges" ? "true" : undefined);
    const read =
      Object.hasOwn(READERS, name) && given !== undefined && given !== "" ? READERS[name]?.(given, before) : undefined;
    if (read === undefined) throw invalid("--security-opt", text, ALLOWED);
    return { ...before, ...read };
  }, {});
}

function flag(name: "noNewPrivileges" | "writableCgroups", value: string): SecurityOptions | undefined {
  const on = parseBoolean(value);
  return on === undefined ? undefined : { [name]: on };
}
