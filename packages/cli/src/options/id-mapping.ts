import { type IdMapping, invalid } from "@voiyd/runtime-api";
import { parseInteger } from "./number.js";

/** `id in the container:id on the host[:how many]`. Throws `INVALID_ARGUMENT`. */
export function parseIdMapping(option: string, text: string): IdMapping {
  const [containerId, hostId, size = "1", ...rest] = text.split(":");
  if (containerId === undefined || hostId === undefined || rest.length > 0) {
    throw invalid(option, text, "ID IN THE CONTAINER:ID ON THE HOST[:HOW MANY]");
  }
  return {
    containerId: parseInteger(option, containerId),
    hostId: parseInteger(option, hostId),
    size: parseInteger(option, size),
  };
}
