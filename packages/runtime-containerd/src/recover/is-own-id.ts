import { type ID, isId } from "@voiyd/runtime-api";

/** Whether a text is an id as this runtime makes them: not everything that may be an id, as many a file name may. */
export function isOwnId(text: string): text is ID {
  return isId(text) && /^[0-9a-f]{64}$/.test(text);
}
