import { readFile } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import type { JsonObject } from "../document/json-reader.js";
import { asObject, member, optionalString, optionalStringMap, parseJsonObject } from "../document/json-reader.js";
import { codeOf } from "../http/error-code.js";
import type { Credentials } from "./credentials.js";

/** What `docker login` or `podman login` keeps in a file. */
export interface AuthFile {
  readonly path: string;
  readonly auths: ReadonlyMap<string, Credentials>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** `undefined` when there is no file. Throws `FAILED_PRECONDITION` for one that cannot be used; none of its content is shown. */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unusable(path, "could not be read", error);
  }
  try {
    return parse(path, parseJsonObject(bytes, "file", MAX_FILE_BYTES));
  } catch {
    // Neither the words nor the cause are kept: a JSON parser quotes what it read.
    throw unusable(path, "is not a Docker configuration");
  }
}

function parse(path: string, object: JsonObject): AuthFile {
  const credsStore = optionalString(object, "credsStore", "file");
  const auths = Object.entries(asObject(member(object, "auths") ?? {}, "auths")).flatMap(
    ([key, value]): [string, Credentials][] => {
      const credentials = readEntry(asObject(value, "auth"));
      return credentials === undefined ? [] : [[bareKey(key), credentials]];
    },
  );
  return {
    path,
    auths: new Map(auths),
    credHelpers: optionalStringMap(object, "credHelpers", "file") ?? {},
    ...(credsStore !== undefined && credsStore !== "" && { credsStore }),
  };
}

/** Keys are written as hosts and as URLs of two API versions; the host is what they mean. */
export function bareKey(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
}

function readEntry(entry: JsonObject): Credentials | undefined {
  const text = (key: string): string | undefined => {
    const value = optionalString(entry, key, "auth");
    return value === "" ? undefined : value;
  };
  const [identity, registry, auth] = [text("identitytoken"), text("registrytoken"), text("auth")];
  if (identity !== undefined) return { kind: "identity-token", token: identity };
  if (registry !== undefined) return { kind: "registry-token", token: registry };
  const [username, password] = auth === undefined ? [text("username"), text("password")] : decode(auth);
  return username === undefined || password === undefined ? undefined : { kind: "password", username, password };
}

function decode(auth: string): readonly [string?, string?] {
  const plain = Buffer.from(auth, "base64").toString("utf8");
  const colon = plain.indexOf(":");
  return colon === -1 ? [] : [plain.slice(0, colon), plain.slice(colon + 1).replace(/\0+$/, "")];
}

function unusable(path: string, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} ${problem}`, {
    hint: "mend or remove the file, then log in again",
    details: { path },
    ...(cause !== undefined && { cause }),
  });
}
