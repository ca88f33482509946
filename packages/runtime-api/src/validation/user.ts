import { invalid } from "./invalid.js";

/** The greatest uid or gid that the OCI tools take (CVE-2024-40635: greater ones wrapped around to root). */
export const MAX_UID: number = 2 ** 31 - 1;

export interface ParsedUser {
  readonly user: string | number;
  readonly group?: string | number;
}

/** Reads `user[:group]`. Throws `INVALID_ARGUMENT`. A number is never taken for a name, however long it is. */
export function parseUser(text: string): ParsedUser {
  if (typeof text !== "string") throw invalid("user", text, "user or user:group, as a text");
  const [user, group, ...rest] = text.split(":");
  if (user === undefined || rest.length > 0) throw invalid("user", text, "user or user:group");
  return group === undefined
    ? { user: parsePart(user, text) }
    : { user: parsePart(user, text), group: parsePart(group, text) };
}

function parsePart(part: string, whole: string): string | number {
  if (/^[0-9]+$/.test(part)) {
    const number = Number(part);
    if (!/^(?:0|[1-9][0-9]{0,9})$/.test(part) || number > MAX_UID) {
      throw invalid("user", whole, `made of numbers from 0 to ${String(MAX_UID)}, without leading zeros, or of names`);
    }
    return number;
  }
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(part)) {
    throw invalid("user", whole, "made of names that start with a letter or _, or of numbers");
  }
  return part;
}
