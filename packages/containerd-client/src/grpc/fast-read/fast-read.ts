import type { Message } from "@bufbuild/protobuf";
import { readListContainerMessage } from "./containers.js";
import { Unusual } from "./cursor.js";
import { readListTasksResponse } from "./tasks.js";

/** By their full names, the messages that come in thousands. */
const READERS: ReadonlyMap<string, (bytes: Uint8Array) => Message> = new Map<string, (bytes: Uint8Array) => Message>([
  ["containerd.services.containers.v1.ListContainerMessage", readListContainerMessage],
  ["containerd.services.tasks.v1.ListTasksResponse", readListTasksResponse],
]);

/**
 * Reads a message that comes in thousands by code written for it, in a fifth of the time that the general reader takes by
 * the message's descriptor. Undefined for other messages, and for one that has anything unusual: fields that are not
 * known, come twice or have another type.
 */
export function fastRead(typeName: string, bytes: Uint8Array): Message | undefined {
  try {
    return READERS.get(typeName)?.(bytes);
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}
