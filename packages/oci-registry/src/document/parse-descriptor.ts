import { isDigest } from "../digest/digest.js";
import { parsePlatform } from "../platform/parse-platform.js";
import type { Descriptor } from "./descriptor.js";
import {
  asObject,
  invalidDocument,
  member,
  optionalString,
  optionalStringMap,
  optionalStrings,
  refuseLookalikes,
  stringMember,
} from "./json-reader.js";
import { MAX_MANIFEST_BYTES } from "./limits.js";
import { isIndexType, isManifestType } from "./media-types.js";

const KNOWN: readonly string[] = [
  "mediaType",
  "digest",
  "size",
  "platform",
  "annotations",
  "urls",
  "data",
  "artifactType",
];
// RFC 6838, section 4.2, with parameters left out: no document of the kinds we read carries any.
const MEDIA_TYPE = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}$/;

/** Throws `IMAGE_INVALID`, naming `where` in the document the descriptor stands. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const object = asObject(value, where);
  refuseLookalikes(object, KNOWN, where);
  const mediaType = stringMember(object, "mediaType", where);
  if (!MEDIA_TYPE.test(mediaType)) throw invalidDocument(`${where}.mediaType`, "is not a media type");
  const digest = stringMember(object, "digest", where);
  if (!isDigest(digest)) throw invalidDocument(`${where}.digest`, "is not a sha256 or sha512 digest");
  const size = member(object, "size");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw invalidDocument(`${where}.size`, "is not a number of bytes");
  }
  if ((isManifestType(mediaType) || isIndexType(mediaType)) && size > MAX_MANIFEST_BYTES) {
    throw invalidDocument(where, `promises ${String(size)} bytes; at most ${String(MAX_MANIFEST_BYTES)} are read`);
  }
  const platform = member(object, "platform");
  const annotations = optionalStringMap(object, "annotations", where);
  const urls = optionalStrings(object, "urls", where);
  const data = optionalString(object, "data", where);
  const artifactType = optionalString(object, "artifactType", where);
  return {
    mediaType,
    digest,
    size,
    ...(platform !== undefined && { platform: parsePlatform(platform, `${where}.platform`) }),
    ...(annotations !== undefined && { annotations }),
    ...(urls !== undefined && { urls }),
    ...(data !== undefined && { data }),
    ...(artifactType !== undefined && { artifactType }),
  };
}
