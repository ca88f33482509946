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
  readonly hooks?: Hooks;
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
  readonly rlimits?: readonly Rlimit[];
  readonly noNewPrivileges: boolean;
  readonly apparmorProfile?: string;
  readonly oomScoreAdj?: number;
  readonly selinuxLabel?: string;
}

export interface SpecUser {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids: readonly number[];
}

export interface Rlimit {
  readonly type: string;
  /** A bigint where no limit is meant: 2^64 - 1 is no number of JavaScript's. */
  readonly hard: number | bigint;
  readonly soft: number | bigint;
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

export interface Hook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

export type HookName = "prestart" | "createRuntime" | "createContainer" | "startContainer" | "poststart" | "poststop";
export type Hooks = Readonly<Partial<Record<HookName, readonly Hook[]>>>;

export type NamespaceType = "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup";

export interface Linux {
  readonly namespaces: readonly { readonly type: NamespaceType; readonly path?: string }[];
  readonly uidMappings?: readonly SpecIdMapping[];
  readonly gidMappings?: readonly SpecIdMapping[];
  readonly cgroupsPath: string;
  readonly resources: LinuxResources;
  readonly devices?: readonly LinuxDevice[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly seccomp?: LinuxSeccomp;
  readonly rootfsPropagation?: string;
  readonly mountLabel?: string;
}

export interface SpecIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface LinuxResources {
  readonly devices: readonly LinuxDeviceRule[];
  readonly memory?: LinuxMemory;
  readonly cpu?: LinuxCpu;
  readonly pids?: { readonly limit: number };
  readonly blockIO?: LinuxBlockIO;
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[];
  readonly unified?: Readonly<Record<string, string>>;
}

export interface LinuxMemory {
  readonly limit?: number;
  readonly reservation?: number;
  readonly swap?: number;
  readonly kernel?: number;
  readonly swappiness?: number;
  readonly disableOOMKiller?: boolean;
}

export interface LinuxCpu {
  readonly shares?: number;
  readonly quota?: number;
  readonly period?: number;
  readonly realtimeRuntime?: number;
  readonly realtimePeriod?: number;
  readonly cpus?: string;
  readonly mems?: string;
}

export interface LinuxBlockIO {
  readonly weight?: number;
  readonly weightDevice?: readonly (DeviceNumbers & { readonly weight: number })[];
  readonly throttleReadBpsDevice?: readonly LinuxThrottle[];
  readonly throttleWriteBpsDevice?: readonly LinuxThrottle[];
  readonly throttleReadIOPSDevice?: readonly LinuxThrottle[];
  readonly throttleWriteIOPSDevice?: readonly LinuxThrottle[];
}

export interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

export type LinuxThrottle = DeviceNumbers & { readonly rate: number };

export interface LinuxDeviceRule {
  readonly allow: boolean;
  readonly access: string;
  readonly type?: "a" | "b" | "c";
  readonly major?: number;
  readonly minor?: number;
}

export interface LinuxDevice {
  readonly path: string;
  readonly type: "b" | "c" | "p";
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}
