import type { LinuxSeccomp } from "./seccomp/types.js";

/**
 * The parts of an OCI runtime specification (runtime-spec 1.0.2, `config.md` and `config-linux.md`) that this runtime
 * writes. Names are the specification's.
 */
export interface Spec {
  readonly ociVersion: string;
  readonly process: Process;
  readonly root: { readonly path: string; readonly readonly?: boolean };
  readonly hostname?: string;
  readonly mounts: readonly SpecMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux: Linux;
}

export interface Process {
  readonly terminal?: boolean;
  readonly user: SpecUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: CapabilitySets;
  readonly noNewPrivileges: boolean;
  readonly rlimits?: readonly { readonly type: string; readonly hard: number; readonly soft: number }[];
}

export interface SpecUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface CapabilitySets {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

export interface SpecMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface Linux {
  readonly namespaces: readonly { readonly type: string; readonly path?: string }[];
  readonly cgroupsPath: string;
  readonly resources: LinuxResources;
  readonly devices?: readonly LinuxDevice[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly seccomp?: LinuxSeccomp;
  readonly rootfsPropagation?: string;
}

export interface LinuxResources {
  readonly devices: readonly LinuxDeviceRule[];
  readonly memory?: { readonly limit?: number; readonly swap?: number };
  readonly cpu?: { readonly quota?: number; readonly period?: number };
  readonly pids?: { readonly limit: number };
}

export interface LinuxDeviceRule {
  readonly allow: boolean;
  readonly access: string;
  readonly type?: "a" | "b" | "c";
  readonly major?: number;
  readonly minor?: number;
}

export interface LinuxDevice {
  readonly path: string;
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}
