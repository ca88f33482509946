import { homedir } from "node:os";
import { join } from "node:path";
import type { AuthFile } from "./auth-file.js";
import { bareKey, readAuthFile } from "./auth-file.js";
import type { HelperOptions, HelperRunner } from "./credential-helper.js";
import { askHelper, runHelperProgram } from "./credential-helper.js";
import type { CredentialProvider, Credentials } from "./credentials.js";
import { credentialKey } from "./credentials.js";

export interface DockerConfigOptions {
  /** Where `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE` and `XDG_RUNTIME_DIR` are read, and what helpers get. The process's unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Runs a credential helper. A program in `PATH` unless given. */
  readonly runHelper?: HelperRunner | undefined;
}

const DOCKER_HUB_KEY = credentialKey("docker.io");

/**
 * The credentials that `docker login` and `podman login` left behind. Docker's `config.json` is asked first (in
 * `$DOCKER_CONFIG`, else `~/.docker`), then Podman's `auth.json` (`$REGISTRY_AUTH_FILE`, else below `$XDG_RUNTIME_DIR`);
 * in each, the registry's own helper, then the common one, then the file itself. Files are read anew for every look-up.
 *
 * The provider throws `FAILED_PRECONDITION` for a file or a helper that cannot be used, without any of its content.
 */
export function dockerConfigCredentials(options: DockerConfigOptions = {}): CredentialProvider {
  const { environment = process.env, runHelper = runHelperProgram } = options;
  return async (key, { signal, trace = () => undefined } = {}) => {
    for (const path of authFiles(environment)) {
      signal?.throwIfAborted();
      const file = await readAuthFile(path);
      if (file === undefined) {
        trace(`${path}: no such file`);
        continue;
      }
      const found = await lookUp(file, key, runHelper, { environment, signal }, trace);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function authFiles(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = environment;
  const docker = join(isSet(DOCKER_CONFIG) ? DOCKER_CONFIG : join(homedir(), ".docker"), "config.json");
  if (isSet(REGISTRY_AUTH_FILE)) return [docker, REGISTRY_AUTH_FILE];
  return isSet(XDG_RUNTIME_DIR) ? [docker, join(XDG_RUNTIME_DIR, "containers", "auth.json")] : [docker];
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

async function lookUp(
  file: AuthFile,
  key: string,
  runHelper: HelperRunner,
  options: HelperOptions,
  trace: (place: string) => void,
): Promise<Credentials | undefined> {
  const names = keyNames(key);
  for (const helper of helpers(file, names)) {
    for (const name of names) {
      const found = await askHelper(runHelper, helper, name, options);
      if (found !== undefined) {
        trace(`docker-credential-${helper}: found for ${name}`);
        return { ...found, source: `docker-credential-${helper}` };
      }
    }
    trace(`docker-credential-${helper}: nothing for ${key}`);
  }
  const found = names.map((name) => file.auths.get(bareKey(name))).find((credentials) => credentials !== undefined);
  trace(`${file.path}: ${found === undefined ? "nothing" : "found"} for ${key}`);
  return found === undefined ? undefined : { ...found, source: file.path };
}

export function helpers({ credHelpers, credsStore }: AuthFile, names: readonly string[]): readonly string[] {
  const own = names
    .map((name) => (Object.hasOwn(credHelpers, name) ? credHelpers[name] : undefined))
    .find((name) => name !== undefined);
  return [own, credsStore].filter((name) => name !== undefined);
}

/** The names under which a registry may be kept, as Docker's tools have written them over time. */
export function keyNames(key: string): readonly string[] {
  if (key === DOCKER_HUB_KEY) return [DOCKER_HUB_KEY, "docker.io", "index.docker.io"];
  const hosts = key.endsWith(":443") ? [key, key.slice(0, -":443".length)] : [key];
  return hosts.flatMap((host) => [host, `https://${host}`, `http://${host}`]);
}
