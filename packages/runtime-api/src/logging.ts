/**
 * Where a container's output goes. Whatever is chosen, standard output and standard error stay apart.
 *
 * - `local`: files that are rotated, with the time of every line. One process of the host writes all of them, which is
 *   started when it is needed and ends by itself. The container does not wait for it, unless `mode` says so.
 * - `file`: files that containerd's shim writes by itself, without times. One that has grown too large is put aside by
 *   whatever process uses the runtime just then; where the disk is full, the container waits for ever.
 * - `none`: nowhere.
 * - `binary`: to a program of the host, which the shim starts: it reads from its file descriptors 3 and 4, and closes 5 when
 *   it is ready. Its first argument is `key` and its second `value`, where they are given; its environment is
 *   `CONTAINER_ID` and `CONTAINER_NAMESPACE` alone.
 */
export type Logging =
  | (LocalLogging & LogDetails)
  | ({ readonly driver: "file" } & LogDetails)
  | { readonly driver: "none" }
  | { readonly driver: "binary"; readonly path: string; readonly key?: string; readonly value?: string };

export interface LocalLogging {
  readonly driver: "local";
  /** The size in bytes at which a file is put aside. Default 10 MiB. */
  readonly maxSize?: number;
  /** How many files there are of each stream at most, the one that is being written included. Default 3. */
  readonly maxFiles?: number;
  /**
   * When the disk has no room: `non-blocking` (default) keeps the newest bytes in memory and counts those that it gives up,
   * which then have a mark in the log; `blocking` lets the container wait.
   */
  readonly mode?: "blocking" | "non-blocking";
  /** How many bytes of each stream are kept in memory meanwhile. Default 1 MiB. */
  readonly maxBufferSize?: number;
}

/** What `logs` tells of a container with each line, when it is asked for details. */
export interface LogDetails {
  /** Names of labels. */
  readonly labels?: readonly string[];
  /** Names of environment variables. */
  readonly env?: readonly string[];
}
