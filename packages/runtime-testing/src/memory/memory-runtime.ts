/// <reference lib="esnext.disposable" preserve="true" />
import type {
  Commit,
  Copy,
  Diff,
  Events,
  Export,
  ImageArchives,
  ImageInspection,
  ImagePruning,
  ImagePush,
  Images,
  ImageTags,
  Logs,
  Runtime,
  Supervise,
  Wait,
} from "@voiyd/runtime-api";
import { InMemoryRuntime } from "./in-memory-runtime.js";
import type { MemoryRuntimeOptions } from "./options.js";

/** A whole runtime without a host. Disposing of it deletes its containers. */
export interface MemoryRuntime
  extends
    Runtime,
    Wait,
    Images,
    ImageTags,
    ImagePruning,
    ImageInspection,
    ImageArchives,
    ImagePush,
    Logs,
    Events,
    Copy,
    Diff,
    Export,
    Commit,
    Supervise,
    AsyncDisposable {}

/**
 * A `Runtime` that keeps the contract and needs neither root nor a daemon: images come from a table, processes are
 * functions, ports and names are taken for real. A container's files are those that were copied into it, and into those
 * that its image was made of with `commit`. For tests of programs that run containers.
 *
 * Nothing is shared between two of them, and nothing outlives the process.
 */
export function createMemoryRuntime(options: MemoryRuntimeOptions = {}): MemoryRuntime {
  return new InMemoryRuntime(options);
}
