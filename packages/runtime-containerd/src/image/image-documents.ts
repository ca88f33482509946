import {
  type Descriptor,
  formatPlatform,
  hostPlatform,
  type ImageConfig,
  isIndexType,
  type Manifest,
  MAX_CONFIG_BYTES,
  MAX_MANIFEST_BYTES,
  type Platform,
  parseImageConfig,
  parseIndex,
  parseManifest,
  platformFits,
  selectPlatform,
} from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { chainIds } from "./chain-id.js";
import { indexChildren, manifestChildren } from "./gc-labels.js";

/** What an image's blobs say about the image for this host. */
export interface ImageDocuments {
  readonly manifest: Manifest;
  readonly manifestDescriptor: Descriptor;
  readonly config: ImageConfig;
  /** Of the layers, the lowest first. */
  readonly chain: readonly string[];
}

/** Reads one document. `children` are the labels that keep what it refers to. */
export type DocumentReader = (
  kind: "manifest" | "index" | "config",
  descriptor: Descriptor,
  maxBytes: number,
  children: (bytes: Uint8Array) => Readonly<Record<string, string>>,
) => Promise<Uint8Array>;

/** An index may hold an index, but nobody needs more of it than this. */
const MAX_NESTING = 4;

/**
 * Walks from the root to the config: through indexes to the manifest for this host, choosing by platform.
 * Throws `IMAGE_PLATFORM_MISMATCH`, `IMAGE_INVALID`.
 */
export async function readDocuments(
  name: string,
  root: Descriptor,
  read: DocumentReader,
  wanted: Platform = hostPlatform(),
): Promise<ImageDocuments> {
  const manifestDescriptor = await findManifest(name, root, read, wanted, MAX_NESTING);
  const type = manifestDescriptor.mediaType;
  const manifestBytes = await read("manifest", manifestDescriptor, MAX_MANIFEST_BYTES, (bytes) =>
    manifestChildren(parseManifest(bytes, type)),
  );
  const manifest = parseManifest(manifestBytes, type);
  const config = parseImageConfig(await read("config", manifest.config, MAX_CONFIG_BYTES, () => ({})));
  const platform = {
    os: config.os,
    architecture: config.architecture,
    ...(config.variant === undefined ? {} : { variant: config.variant }),
  };
  if (!platformFits(platform, wanted)) throw mismatch(name, wanted, [formatPlatform(platform)]);
  const { diffIds } = config.rootfs;
  if (diffIds.length !== manifest.layers.length) {
    throw new RuntimeError(
      "IMAGE_INVALID",
      `image ${name} has ${String(manifest.layers.length)} layers, and its config ${String(diffIds.length)}`,
    );
  }
  if (diffIds.length === 0) throw new RuntimeError("IMAGE_INVALID", `image ${name} has no layers`);
  return { manifest, manifestDescriptor, config, chain: chainIds(diffIds) };
}

async function findManifest(
  name: string,
  descriptor: Descriptor,
  read: DocumentReader,
  wanted: Platform,
  nesting: number,
): Promise<Descriptor> {
  const type = descriptor.mediaType;
  if (!isIndexType(type)) return descriptor;
  if (nesting === 0) throw new RuntimeError("IMAGE_INVALID", `image ${name} is an index nested too deeply`);
  const bytes = await read("index", descriptor, MAX_MANIFEST_BYTES, (content) =>
    indexChildren(parseIndex(content, type)),
  );
  const index = parseIndex(bytes, type);
  const chosen = selectPlatform(index, wanted);
  if (chosen === undefined) {
    throw mismatch(
      name,
      wanted,
      index.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)])),
    );
  }
  return findManifest(name, chosen, read, wanted, nesting - 1);
}

function mismatch(name: string, wanted: Platform, offered: readonly string[]): RuntimeError {
  const host = formatPlatform(wanted);
  const isHost = host === formatPlatform(hostPlatform());
  return new RuntimeError(
    "IMAGE_PLATFORM_MISMATCH",
    `image ${name} is not for ${isHost ? `this host, ${host}` : host}`,
    {
      hint: `it is there for ${offered.length === 0 ? "no platform" : [...new Set(offered)].join(", ")}`,
      details: { image: name, host, offered },
    },
  );
}
