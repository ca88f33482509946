import { parseCsv } from "./csv.js";

/**
 * The values of one that may be several, as `80:80,443:443`. Docker takes none of these flags with a comma, so that nothing
 * of Docker's means something else here. What is no list of values is left as it stands, for the flag to refuse.
 */
export function splitValues(text: string): readonly string[] {
  return parseCsv(text) ?? [text];
}
