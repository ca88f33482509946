import {
  type Descriptor,
  type Index,
  isIndexType,
  isManifestType,
  type Manifest,
  MAX_CONFIG_BYTES,
  MAX_MANIFEST_BYTES,
  parseIndex,
  parseManifest,
  type Platform,
  selectPlatform,
} from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { indexChildren, manifestChildren } from "./gc-labels.js";
import type { DocumentReader } from "./image-documents.js";

/** A document of an image with what it says. */
export interface TreeManifest {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/** The documents of an image, for one platform or for several. */
export interface ImageTree {
  readonly root: Descriptor;
  /** Parents before their children. */
  readonly indexes: readonly { readonly descriptor: Descriptor; readonly index: Index }[];
  readonly manifests: readonly TreeManifest[];
}

/** Which entries of an index are wanted. */
export type Choice = (index: Index) => readonly Descriptor[];

/** All that is a manifest or an index; attestations and the like, too. */
export const everyEntry: Choice = ({ manifests }) =>
  manifests.filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));

/** The one for a platform, or none. */
export function entryFor(platform: Platform): Choice {
  return (index) => {
    const chosen = selectPlatform(index, platform);
    return chosen === undefined ? [] : [chosen];
  };
}

const MAX_NESTING = 4;
/** Of one image, over all its indexes: each may list a thousand. */
const MAX_MANIFESTS = 2_000;

/** Reads the documents of an image, configs included, from the root down. Throws `IMAGE_INVALID` and what `read` throws. */
export async function readTree(root: Descriptor, read: DocumentReader, choose: Choice): Promise<ImageTree> {
  const indexes: { descriptor: Descriptor; index: Index }[] = [];
  const manifests: TreeManifest[] = [];
  const seen = new Set<string>();
  const visit = async (descriptor: Descriptor, nesting: number): Promise<void> => {
    const type = descriptor.mediaType;
    if (seen.has(descriptor.digest)) return;
    seen.add(descriptor.digest);
    if (seen.size > MAX_MANIFESTS || nesting > MAX_NESTING)
      throw new RuntimeError("IMAGE_INVALID", `${root.digest} has too many manifests, or nests them too deeply`);
    if (isIndexType(type)) {
      const bytes = await read("index", descriptor, MAX_MANIFEST_BYTES, (content) =>
        indexChildren(parseIndex(content, type)),
      );
      const index = parseIndex(bytes, type);
      indexes.push({ descriptor, index });
      for (const entry of choose(index)) await visit(entry, nesting + 1);
      return;
    }
    const bytes = await read("manifest", descriptor, MAX_MANIFEST_BYTES, (content) =>
      manifestChildren(parseManifest(content, type)),
    );
    const manifest = parseManifest(bytes, type);
    await read("config", manifest.config, MAX_CONFIG_BYTES, () => ({}));
    manifests.push({ descriptor, manifest });
  };
  await visit(root, 0);
  return { root, indexes, manifests };
}

/** Every blob of a tree, children before parents: the order in which they may be pushed. */
export function blobsOf({ indexes, manifests }: ImageTree): {
  readonly blobs: readonly Descriptor[];
  readonly documents: readonly Descriptor[];
} {
  const once = (list: readonly Descriptor[]): Descriptor[] => [
    ...new Map(list.map((descriptor) => [descriptor.digest, descriptor])).values(),
  ];
  return {
    blobs: once(manifests.flatMap(({ manifest }) => [manifest.config, ...manifest.layers])),
    documents: once([
      ...manifests.map(({ descriptor }) => descriptor),
      ...indexes.map(({ descriptor }) => descriptor).reverse(),
    ]),
  };
}
