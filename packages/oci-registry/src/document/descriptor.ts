import type { Platform } from "../platform/platform.js";

/** What a blob is and how to recognise it (OCI image spec, descriptor). */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` or `sha512:…`. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Other places that are said to hold the blob. Kept for the record, never asked: they are in the hand of the image's author. */
  readonly urls?: readonly string[];
  /** The blob itself in base64, for small ones. */
  readonly data?: string;
  readonly artifactType?: string;
}
