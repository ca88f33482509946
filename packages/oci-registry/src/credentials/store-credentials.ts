import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { asObject, member, parseJsonObject } from "../document/json-reader.js";
import type { JsonObject } from "../document/json-reader.js";
import { codeOf } from "../http/error-code.js";
import { bareKey, readAuthFile } from "./auth-file.js";
import { runHelperProgram, tellHelper } from "./credential-helper.js";
import type { Credentials } from "./credentials.js";
import { credentialKey } from "./credentials.js";
import type { DockerConfigOptions } from "./docker-config.js";
import { authFiles, helpers, keyNames } from "./docker-config.js";

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export interface StoredCredentials {
  /** A credential helper's program, or the file. */
  readonly place: string;
}

/**
 * Keeps credentials for a registry (`host[:port]`) where Docker would: with the registry's credential helper, the common
 * one, or in `config.json` (0600), everything else in the file left as it is. Throws `FAILED_PRECONDITION` for a file or
 * helper that cannot be used, without any of its content.
 */
export async function storeCredentials(
  registry: string,
  credentials: Credentials,
  options: DockerConfigOptions = {},
): Promise<StoredCredentials> {
  const { key, path, helper, environment, runHelper } = await placeOf(registry, options);
  if (helper !== undefined) {
    await tellHelper(runHelper, helper, { action: "store", key, credentials }, { environment });
    await changeFile(path, (auths) => ({ ...withoutKey(auths, key), [key]: {} }));
    return { place: `docker-credential-${helper}` };
  }
  await changeFile(path, (auths) => ({ ...withoutKey(auths, key), [key]: entryOf(credentials) }));
  return { place: path };
}

/** Takes the credentials for a registry away again. Resolves with whether there were any. Throws as {@link storeCredentials}. */
export async function eraseCredentials(registry: string, options: DockerConfigOptions = {}): Promise<boolean> {
  const { key, path, helper, environment, runHelper } = await placeOf(registry, options);
  if (helper !== undefined) await tellHelper(runHelper, helper, { action: "erase", key }, { environment });
  let found = false;
  await changeFile(path, (auths) => {
    const rest = withoutKey(auths, key);
    found = Object.keys(rest).length < Object.keys(auths).length;
    return found ? rest : undefined;
  });
  return found;
}

async function placeOf(
  registry: string,
  options: DockerConfigOptions,
): Promise<{
  readonly key: string;
  readonly path: string;
  readonly helper: string | undefined;
  readonly environment: NonNullable<DockerConfigOptions["environment"]>;
  readonly runHelper: NonNullable<DockerConfigOptions["runHelper"]>;
}> {
  const { environment = process.env, runHelper = runHelperProgram } = options;
  const key = credentialKey(registry);
  const [path] = authFiles(environment);
  if (path === undefined) throw new RuntimeError("FAILED_PRECONDITION", "there is no place for credentials");
  const file = await readAuthFile(path);
  const helper = file === undefined ? undefined : helpers(file, keyNames(key))[0];
  return { key, path, helper, environment, runHelper };
}

function entryOf(credentials: Credentials): JsonObject {
  switch (credentials.kind) {
    case "password":
      return { auth: Buffer.from(`${credentials.username}:${credentials.password}`, "utf8").toString("base64") };
    case "identity-token":
      return { identitytoken: credentials.token };
    case "registry-token":
      return { registrytoken: credentials.token };
  }
}

function withoutKey(auths: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(auths).filter(([name]) => bareKey(name) !== bareKey(key)));
}

/** Writes the file anew beside the old one and puts it in its place, so that nobody ever reads half of it. */
async function changeFile(path: string, change: (auths: JsonObject) => JsonObject | undefined): Promise<void> {
  const object = await readObject(path);
  const auths = change(asObject(member(object, "auths") ?? {}, "auths"));
  if (auths === undefined) return;
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ ...object, auths }, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new RuntimeError("FAILED_PRECONDITION", `${path} could not be written (${codeOf(error) ?? "unknown"})`, {
      details: { path },
    });
  }
}

async function readObject(path: string): Promise<JsonObject> {
  try {
    return parseJsonObject(await readFile(path), "file", MAX_FILE_BYTES);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return {};
    // Not the cause: a JSON parser quotes what it read.
    throw new RuntimeError("FAILED_PRECONDITION", `${path} is not a Docker configuration`, { details: { path } });
  }
}
