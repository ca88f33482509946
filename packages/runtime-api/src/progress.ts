/** A step of a pull. Events of one object come in order; events of different objects interleave. */
export interface PullProgress {
  readonly phase: "resolving" | "downloading" | "verifying" | "unpacking" | "done";
  /** The image reference, for `resolving` and for the last `done`; the digest of a manifest, config or layer otherwise. */
  readonly subject: string;
  readonly kind: "image" | "manifest" | "config" | "layer";
  /** Bytes that are here, those of an earlier interrupted pull included. */
  readonly current?: number;
  /** Bytes in all. */
  readonly total?: number;
  /** Nothing had to be done: it was here before. */
  readonly existed?: boolean;
}
