import { asObject, optionalString, optionalStrings, stringMember } from "../document/json-reader.js";
import type { Platform } from "./platform.js";

/** Throws `IMAGE_INVALID`, naming `where` in the document the platform stands. */
export function parsePlatform(value: unknown, where: string): Platform {
  const object = asObject(value, where);
  const variant = optionalString(object, "variant", where);
  const version = optionalString(object, "os.version", where);
  const features = optionalStrings(object, "os.features", where);
  return {
    architecture: stringMember(object, "architecture", where),
    os: stringMember(object, "os", where),
    ...(variant !== undefined && variant !== "" && { variant }),
    ...(version !== undefined && version !== "" && { "os.version": version }),
    ...(features !== undefined && { "os.features": features }),
  };
}
