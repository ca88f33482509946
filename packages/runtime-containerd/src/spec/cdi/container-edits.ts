import type { Hook, HookName, SpecMount } from "../oci.js";

/** What a device wants changed in a container. */
export interface ContainerEdits {
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly deviceNodes: readonly DeviceNodeEdit[];
  readonly mounts: readonly CdiMount[];
  readonly hooks: readonly CdiHook[];
  readonly additionalGids: readonly number[];
}

export interface DeviceNodeEdit {
  readonly path: string;
  readonly hostPath: string;
  readonly access: string;
  readonly type?: "b" | "c" | "p";
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export type CdiMount = SpecMount;

export interface CdiHook {
  readonly name: HookName;
  readonly hook: Hook;
}
