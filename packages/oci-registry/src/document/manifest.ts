import type { Descriptor } from "./descriptor.js";
import type { JsonObject } from "./json-reader.js";
import {
  invalidDocument,
  listMember,
  member,
  optionalString,
  optionalStringMap,
  parseJsonObject,
  refuseLookalikes,
} from "./json-reader.js";
import { MAX_CONFIG_BYTES, MAX_DESCRIPTORS, MAX_MANIFEST_BYTES } from "./limits.js";
import { isIndexType, isManifestType, isSchema1Type } from "./media-types.js";
import { parseDescriptor } from "./parse-descriptor.js";

/** One image for one platform (OCI image manifest, Docker schema 2). */
export interface Manifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  /** The lowest first. */
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** What this manifest is about, when it is an attachment to another. */
  readonly subject?: Descriptor;
  readonly artifactType?: string;
}

/** Manifests of one image for several platforms (OCI image index, Docker manifest list). */
export interface Index {
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
}

const KNOWN: readonly string[] = [
  "schemaVersion",
  "mediaType",
  "config",
  "layers",
  "manifests",
  "fsLayers",
  "annotations",
  "subject",
  "artifactType",
];

/**
 * Reads the bytes of a manifest, which are taken for hostile. `mediaType` is what the descriptor, or the registry's
 * `Content-Type`, says of them. Throws `IMAGE_INVALID` for more than 4 MiB or 1000 layers, for a document that is also an
 * index (CVE-2021-41190), for one that says of itself to be something else, and for Docker's schema 1.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string): Manifest {
  const object = readDocument(bytes, mediaType, "manifest", isManifestType);
  refuseMembers(object, ["manifests", "fsLayers"], "manifest");
  const config = parseDescriptor(member(object, "config"), "manifest.config");
  if (config.size > MAX_CONFIG_BYTES) {
    throw invalidDocument(
      "manifest.config",
      `promises ${String(config.size)} bytes; at most ${String(MAX_CONFIG_BYTES)} are read`,
    );
  }
  return {
    mediaType,
    config,
    layers: readDescriptors(object, "layers", "manifest"),
    ...readExtras(object, "manifest"),
  };
}

/** Reads the bytes of an index as {@link parseManifest} does those of a manifest, with the same limits and errors. */
export function parseIndex(bytes: Uint8Array, mediaType: string): Index {
  const object = readDocument(bytes, mediaType, "index", isIndexType);
  refuseMembers(object, ["config", "layers", "fsLayers"], "index");
  return { mediaType, manifests: readDescriptors(object, "manifests", "index"), ...readExtras(object, "index") };
}

function readDocument(bytes: Uint8Array, mediaType: string, kind: string, fits: (type: string) => boolean): JsonObject {
  if (isSchema1Type(mediaType)) throw schema1(kind);
  if (!fits(mediaType))
    throw invalidDocument(`the media type ${JSON.stringify(mediaType)}`, `is not that of an image ${kind}`);
  const object = parseJsonObject(bytes, kind, MAX_MANIFEST_BYTES);
  refuseLookalikes(object, KNOWN, kind);
  const version = member(object, "schemaVersion");
  if (version === 1) throw schema1(kind);
  if (version !== 2) throw invalidDocument(`${kind}.schemaVersion`, "is not 2");
  const own = optionalString(object, "mediaType", kind);
  if (own !== undefined && own !== mediaType) {
    throw invalidDocument(kind, `was sent as ${mediaType}, but calls itself ${JSON.stringify(own.slice(0, 128))}`);
  }
  return object;
}

function schema1(kind: string): Error {
  return invalidDocument(
    `the ${kind}`,
    "has Docker's schema 1, which was given up for security; push the image again with a current tool",
  );
}

function refuseMembers(object: JsonObject, keys: readonly string[], kind: string): void {
  for (const key of keys) {
    if (member(object, key) !== undefined)
      throw invalidDocument(kind, `has "${key}", which only another kind of document may have`);
  }
}

function readDescriptors(object: JsonObject, key: string, kind: string): readonly Descriptor[] {
  if (!Object.hasOwn(object, key)) throw invalidDocument(`${kind}.${key}`, "is missing");
  const list = listMember(object, key, kind);
  if (list.length > MAX_DESCRIPTORS) {
    throw invalidDocument(
      `${kind}.${key}`,
      `has ${String(list.length)} entries; at most ${String(MAX_DESCRIPTORS)} are read`,
    );
  }
  return list.map((item, position) => parseDescriptor(item, `${kind}.${key}[${String(position)}]`));
}

function readExtras(object: JsonObject, kind: string): Pick<Index, "annotations" | "subject" | "artifactType"> {
  const annotations = optionalStringMap(object, "annotations", kind);
  const subject = member(object, "subject");
  const artifactType = optionalString(object, "artifactType", kind);
  return {
    ...(annotations !== undefined && { annotations }),
    ...(subject !== undefined && { subject: parseDescriptor(subject, `${kind}.subject`) }),
    ...(artifactType !== undefined && { artifactType }),
  };
}
