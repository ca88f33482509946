import type { OperationOptions, Runtime } from "../runtime.js";

/** What one image takes. */
export interface ImageUsage {
  readonly name: string;
  readonly digest: string;
  readonly created: Date;
  /** Bytes of its blobs and unpacked layers, those that it shares among them. */
  readonly bytes: number;
  /** Bytes of it that another image, or a container of another image, has too. */
  readonly sharedBytes: number;
  /** The names of the containers that were made from it. */
  readonly containers: readonly string[];
}

/** What one container takes, beside its image. */
export interface ContainerUsage {
  readonly name: string;
  readonly id: string;
  /** The reference that it was made from. */
  readonly image: string;
  readonly created: Date;
  /** Whether it has a process, or may have one. */
  readonly active: boolean;
  /** What it has written to its own file system. */
  readonly layerBytes: number;
  readonly logBytes: number;
  /** Its files on the host, with the volumes without a name, which go with it. */
  readonly fileBytes: number;
  /** Layers of an image that is gone, kept for it alone. */
  readonly keptBytes: number;
  /** The names of its volumes. */
  readonly volumes: readonly string[];
}

/** What one volume with a name takes. */
export interface VolumeUsage {
  readonly name: string;
  readonly bytes: number;
  /** The names of the containers that have it, running or not. */
  readonly containers: readonly string[];
}

/** Something that belongs to no image, container or volume. */
export interface LooseUsage {
  readonly kind: "blob" | "layer" | "ingest" | "log" | "files";
  /** Its digest, key or path. */
  readonly subject: string;
  readonly bytes: number;
  /** Why it is there: `nothing refers to it`. */
  readonly meaning: string;
}

/** Bytes on disk of everything that a runtime keeps in its namespace, each of them counted for one part alone. */
export interface DiskUsageReport {
  readonly images: readonly ImageUsage[];
  /** Of all images together: what they share is counted once. */
  readonly imageBytes: number;
  /** Of these what goes when the images go that no container uses. */
  readonly reclaimableImageBytes: number;
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
  /** What somebody is at work on, or has kept for later. */
  readonly cache: readonly LooseUsage[];
  /** What nobody needs; a recovery removes it. */
  readonly orphans: readonly LooseUsage[];
}

/** The capability to tell what takes the room on the disk. */
export interface DiskUsage {
  /** Reads only. Nothing is locked, so what comes or goes meanwhile may be missed. */
  diskUsage(options?: OperationOptions): Promise<DiskUsageReport>;
}

export function hasDiskUsage(runtime: Runtime): runtime is Runtime & DiskUsage {
  return "diskUsage" in runtime && typeof runtime.diskUsage === "function";
}
