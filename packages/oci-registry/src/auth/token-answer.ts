import { RuntimeError } from "@voiyd/runtime-api";
import type { JsonObject } from "../document/json-reader.js";
import { member, parseJsonObject } from "../document/json-reader.js";
import { readLimited } from "../source/read-limited.js";
import type { HttpResponse } from "../http/transport.js";

const MAX_TOKEN_BYTES = 1024 * 1024;
/** The token specification's answer to a missing `expires_in`, and its least. */
const LEAST_LIFE_MS = 60_000;
const LONGEST_LIFE_MS = 24 * 3600 * 1000;
// RFC 6750, section 2.1, with some grace: whatever a header can carry.
const TOKEN = /^[\x21-\x7e]{1,262144}$/;

export interface Token {
  readonly value: string;
  readonly lifeMs: number;
}

/** Reads a token service's answer. Throws `REGISTRY_ERROR`, without any of its content. */
export async function readToken(response: HttpResponse): Promise<Token> {
  const bytes = await readLimited(response.body, MAX_TOKEN_BYTES);
  if (bytes === undefined) throw unusable(response.url, `is longer than ${String(MAX_TOKEN_BYTES)} bytes`);
  const object = parse(bytes, response.url);
  const value = [member(object, "token"), member(object, "access_token")].find(
    (item) => typeof item === "string" && item !== "",
  );
  if (typeof value !== "string" || !TOKEN.test(value))
    throw unusable(response.url, "has no token that a header can carry");
  const seconds = member(object, "expires_in");
  const lifeMs = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : LEAST_LIFE_MS;
  return { value, lifeMs: Math.min(Math.max(lifeMs, LEAST_LIFE_MS), LONGEST_LIFE_MS) };
}

function parse(bytes: Uint8Array, url: URL): JsonObject {
  try {
    return parseJsonObject(bytes, "token", MAX_TOKEN_BYTES);
  } catch {
    // The parser's words quote what it read, which can be a token: not even the cause is kept.
    throw unusable(url, "is not a JSON object");
  }
}

function unusable(url: URL, problem: string): RuntimeError {
  return new RuntimeError("REGISTRY_ERROR", `${url.host}: the token service's answer ${problem}`, {
    details: { host: url.host },
  });
}
