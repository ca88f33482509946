import type { EnvVar, ID } from "@voiyd/runtime-api";
import type { MemoryClock } from "./clock.js";
import type { Program } from "./program.js";

/** An image of the simulated registry. */
export interface MemoryImage {
  readonly entrypoint?: readonly string[];
  /** The default arguments. */
  readonly args?: readonly string[];
  readonly envvars?: readonly EnvVar[];
  /** Default `/`. */
  readonly workingDir?: string;
  readonly user?: string;
  /** The user names that the image knows. Default `root` and `nobody`. */
  readonly users?: readonly string[];
  readonly stopSignal?: string;
  /** In bytes. Default: what an archive would hold of it. */
  readonly size?: number;
}

export interface MemoryRuntimeOptions {
  /** Default `DEFAULT_NAMESPACE`. */
  readonly namespace?: string;
  /** What can be pulled, by reference. Default: `busybox`. */
  readonly images?: Readonly<Record<string, MemoryImage>>;
  /** Programs of all images, by command, beside the default ones: `echo`, `env`, `false`, `printenv`, `pwd`, `sh`, `sleep`, `true`. */
  readonly programs?: Readonly<Record<string, Program>>;
  /** Default: the system's. */
  readonly clock?: MemoryClock;
  /** Default: `generateId`, 64 random hexadecimal digits. */
  readonly generateId?: () => ID;
}
