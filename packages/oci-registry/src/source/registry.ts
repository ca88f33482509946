import type { Descriptor } from "../document/descriptor.js";
import type { Reference } from "../reference/reference.js";
import type { ImageSource, ResolveOptions } from "./image-source.js";

export interface ReferrersOptions extends ResolveOptions {
  /** Only these. */
  readonly artifactType?: string | undefined;
}

/** A blob's bytes, for as often as they are needed. */
export interface BlobContent {
  /** The bytes from `offset` on. */
  readonly open: (offset: number) => AsyncIterable<Uint8Array>;
}

export interface PushBlobOptions extends ResolveOptions {
  /** Repositories of the same registry that have, or had, the blob: it is mounted from the first that does. */
  readonly mountFrom?: readonly string[] | undefined;
  /** Sends pieces of so many bytes, each in a request of its own; for proxies that limit bodies. One request unless given. */
  readonly chunkBytes?: number | undefined;
  /** Told how many bytes have been sent. */
  readonly onBytes?: ((sent: number) => void) | undefined;
}

/** How a blob came to be in a repository. */
export type PushedBlob = "existed" | "mounted" | "uploaded";

/** What a registry can do beyond being a source of images (OCI distribution spec). */
export interface Registry extends ImageSource {
  /** The tags of a repository, as the registry sorts them, page by page. Throws as `resolve` does. */
  tags(reference: Reference, options?: ResolveOptions): AsyncIterable<string>;

  /**
   * What refers to a manifest: signatures, attestations, SBOMs. Registries without the referrers API are asked for the
   * tag that stands in for it. Throws as `resolve` does; nothing is an empty list.
   */
  referrers(reference: Reference, digest: string, options?: ReferrersOptions): Promise<readonly Descriptor[]>;

  /**
   * Brings a blob into a repository: finds it there, mounts it from another repository, or uploads it. An upload that
   * breaks goes on where it broke. Throws as `resolve` does; `DIGEST_MISMATCH` when the registry got something else.
   */
  pushBlob(
    reference: Reference,
    descriptor: Descriptor,
    content: BlobContent,
    options?: PushBlobOptions,
  ): Promise<PushedBlob>;

  /**
   * Puts a manifest or index under the reference's tag, or under its digest where it has none. What it refers to must be
   * there. Throws as `pushBlob` does.
   */
  pushManifest(
    reference: Reference,
    descriptor: Descriptor,
    bytes: Uint8Array,
    options?: ResolveOptions,
  ): Promise<void>;

  /** Whether the registry lets us in with the credentials that it has for it. Throws `REGISTRY_UNAUTHORIZED` and as `resolve`. */
  checkAccess(registry: string, options?: ResolveOptions): Promise<void>;
}
