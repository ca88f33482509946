import type { OperationOptions, Runtime } from "../runtime.js";

export interface PruneVolumesOptions extends OperationOptions {
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean;
  /** The full ids of containers that are about to go: judge as if they were gone. Default: none. */
  readonly without?: readonly string[];
}

export interface VolumeVerdict {
  readonly name: string;
  /** Why it goes or stays, for people: `used by container web`. */
  readonly reason: string;
  readonly bytes: number;
}

export interface VolumePruneReport {
  readonly removed: readonly VolumeVerdict[];
  readonly kept: readonly VolumeVerdict[];
}

/** The capability to remove the volumes with names that no container has. */
export interface VolumePruning {
  pruneVolumes(options?: PruneVolumesOptions): Promise<VolumePruneReport>;
}

export function canPruneVolumes(runtime: Runtime): runtime is Runtime & VolumePruning {
  return "pruneVolumes" in runtime && typeof runtime.pruneVolumes === "function";
}
