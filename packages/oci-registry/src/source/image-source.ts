import type { Descriptor } from "../document/descriptor.js";
import type { Reference } from "../reference/reference.js";

export interface ResolveOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface FetchOptions {
  /** Bytes that are here already, and are left out. 0 unless told. */
  readonly offset?: number | undefined;
  /**
   * Memory for the next piece, asked for when that is wanted. Where the source can, it fills it before it gives it out, so
   * that whoever uses two or three of them in turn has large pieces, and nothing to collect. Never empty.
   */
  readonly memory?: (() => Uint8Array) | undefined;
  /** `false` for who verifies the digest itself, as a content store does: it costs as much as all the rest. Default `true`. */
  readonly verifyDigest?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A place that images come from. */
export interface ImageSource extends AsyncDisposable {
  /**
   * The descriptor of the manifest or index that a tag or digest stands for. A digest in the reference decides, and the
   * answer must agree with it.
   *
   * Throws `IMAGE_NOT_FOUND`; `IMAGE_INVALID` for what is no image manifest or too large; `DIGEST_MISMATCH`;
   * `REGISTRY_UNAUTHORIZED`, `REGISTRY_RATE_LIMITED`, `REGISTRY_ERROR` for what a registry answers; `UNAVAILABLE` when it
   * cannot be reached; `TIMEOUT` when it falls silent; the signal's reason when aborted.
   */
  resolve(reference: Reference, options?: ResolveOptions): Promise<Descriptor>;

  /**
   * The bytes of a blob, manifest or index, as they come. A connection that breaks is resumed where it broke.
   *
   * The size is always verified, the digest when `offset` is 0, unless told otherwise; the last bytes have been given out by then, so nothing
   * that was fetched may be used before the stream ended without an error. Ending the iteration early, or an abort, closes
   * the connection. Throws what {@link resolve} does; `DIGEST_MISMATCH` also for a wrong size.
   */
  fetch(reference: Reference, descriptor: Descriptor, options?: FetchOptions): AsyncIterable<Uint8Array>;
}
