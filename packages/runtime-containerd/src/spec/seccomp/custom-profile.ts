import { RuntimeError } from "@voiyd/runtime-api";
import { JsonValue } from "../json-value.js";
import type { KernelVersion, SeccompMachine } from "./syscall-group.js";
import {
  type LinuxSeccomp,
  type LinuxSeccompArg,
  type LinuxSyscall,
  SECCOMP_ACTIONS,
  SECCOMP_ARCHITECTURES,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
  type SeccompArchitecture,
} from "./types.js";

export interface CustomProfileInput {
  readonly architecture: SeccompMachine;
  /** What the container ends up with. */
  readonly capabilities: readonly string[];
  readonly kernel: KernelVersion;
}

/** The machines by Docker's names, which are Go's, and by OCI's. */
const MACHINES: Readonly<Record<SeccompMachine, { readonly docker: string; readonly oci: SeccompArchitecture }>> = {
  x64: { docker: "amd64", oci: "SCMP_ARCH_X86_64" },
  arm64: { docker: "arm64", oci: "SCMP_ARCH_AARCH64" },
};
/** Six arguments are all that a system call has. */
const LAST_ARGUMENT = 5;

/**
 * Reads a profile in Docker's JSON format (its `archMap`, `includes` and `excludes` are conditions) and gives what is
 * left of it for this container and this host in OCI form. Whatever it does not understand is an `INVALID_ARGUMENT`:
 * a rule that was passed over could have been the one that forbids.
 */
export function customSeccompProfile(text: string, input: CustomProfileInput): LinuxSeccomp {
  const profile = new JsonValue(parse(text), "profile", invalidProfile);
  const defaultErrnoRet = profile.member("defaultErrnoRet").optionalCount();
  const flags = profile
    .member("flags")
    .list()
    .map((flag) => flag.oneOf(SECCOMP_FLAGS));
  const architectures = readArchitectures(profile, input.architecture);
  for (const agent of ["listenerPath", "listenerMetadata"]) {
    // It would be a socket of the host that the OCI runtime connects to.
    if ((profile.member(agent).optionalString() ?? "") !== "") throw profile.member(agent).wrong("is not supported");
  }
  return {
    defaultAction: profile.member("defaultAction").oneOf(SECCOMP_ACTIONS),
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(flags.length === 0 ? {} : { flags }),
    syscalls: profile
      .member("syscalls")
      .list()
      .flatMap((rule) => (applies(rule, input) ? [readRule(rule)] : [])),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RuntimeError("INVALID_ARGUMENT", "seccomp: the profile is no JSON document", {
      hint: "seccomp must be default, unconfined, or the text of a profile in Docker's JSON format",
      cause: error,
      details: { option: "seccomp" },
    });
  }
}

function invalidProfile(where: string, problem: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `seccomp: ${where} ${problem}`, {
    hint: "mend the profile: one that is not understood as a whole is not used at all",
    details: { option: "seccomp" },
  });
}

function readArchitectures(profile: JsonValue, machine: SeccompMachine): readonly SeccompArchitecture[] {
  const plain = profile
    .member("architectures")
    .list()
    .map((item) => item.oneOf(SECCOMP_ARCHITECTURES));
  const maps = profile.member("archMap").list();
  if (plain.length > 0 && maps.length > 0) throw profile.member("archMap").wrong("cannot stand beside architectures");
  const mapped = maps.flatMap((map) => {
    const architecture = map.member("architecture").oneOf(SECCOMP_ARCHITECTURES);
    const others = map
      .member("subArchitectures")
      .list()
      .map((item) => item.oneOf(SECCOMP_ARCHITECTURES));
    return architecture === MACHINES[machine].oci ? [architecture, ...others] : [];
  });
  return [...plain, ...mapped];
}

function applies(rule: JsonValue, input: CustomProfileInput): boolean {
  const includes = readConditions(rule.member("includes"));
  const excludes = readConditions(rule.member("excludes"));
  const { docker } = MACHINES[input.architecture];
  if (excludes.arches.includes(docker) || excludes.caps.some((name) => input.capabilities.includes(name))) return false;
  if (excludes.minKernel !== undefined && isSince(input.kernel, excludes.minKernel)) return false;
  if (includes.arches.length > 0 && !includes.arches.includes(docker)) return false;
  if (!includes.caps.every((name) => input.capabilities.includes(name))) return false;
  return includes.minKernel === undefined || isSince(input.kernel, includes.minKernel);
}

interface Conditions {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  readonly minKernel: KernelVersion | undefined;
}

function readConditions(value: JsonValue): Conditions {
  for (const [key] of value.entries()) {
    if (!["caps", "arches", "minKernel"].includes(key))
      throw value.member(key).wrong("is a condition that is not known");
  }
  const minKernel = value.member("minKernel").optionalString();
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(minKernel ?? "") ?? [];
  if (minKernel !== undefined && minKernel !== "" && minor === undefined)
    throw value.member("minKernel").wrong("is no version such as 4.8");
  return {
    caps: value.member("caps").strings(),
    arches: value.member("arches").strings(),
    minKernel: minor === undefined ? undefined : { major: Number(major), minor: Number(minor) },
  };
}

function readRule(rule: JsonValue): LinuxSyscall {
  const name = rule.member("name").optionalString() ?? "";
  const names = rule.member("names").strings();
  if (name !== "" && names.length > 0) throw rule.wrong("has both name and names");
  const all = name === "" ? names : [name];
  if (all.length === 0 || all.includes("")) throw rule.wrong("names no system call");
  const errnoRet = rule.member("errnoRet").optionalCount();
  const args = rule.member("args").list().map(readArgument);
  return {
    names: all,
    action: rule.member("action").oneOf(SECCOMP_ACTIONS),
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(args.length === 0 ? {} : { args }),
  };
}

function readArgument(argument: JsonValue): LinuxSeccompArg {
  const index = argument.member("index").count();
  if (index > LAST_ARGUMENT) throw argument.member("index").wrong("is more than 5");
  const valueTwo = argument.member("valueTwo").optionalCount();
  return {
    index,
    value: argument.member("value").count(),
    ...(valueTwo === undefined || valueTwo === 0 ? {} : { valueTwo }),
    op: argument.member("op").oneOf(SECCOMP_OPERATORS),
  };
}

function isSince(kernel: KernelVersion, first: KernelVersion): boolean {
  return kernel.major > first.major || (kernel.major === first.major && kernel.minor >= first.minor);
}
