import { readdir, readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { codeOf } from "../http/error-code.js";
import type { TlsOptions } from "../http/transport.js";
import type { HostProvider, RegistryHost } from "../registry/registry-host.js";
import { isLoopback, upstreamHost } from "../registry/registry-host.js";
import type { HostEntry } from "./hosts-toml.js";
import { parseHostsToml } from "./hosts-toml.js";

export interface HostsFoldersOptions {
  /** Looked through in order. `/etc/containerd/certs.d` and `/etc/docker/certs.d` unless given. */
  readonly folders?: readonly string[] | undefined;
  /** Hosts that are spoken to over plain HTTP where no file says otherwise. */
  readonly insecureRegistries?: readonly string[] | undefined;
}

export const DEFAULT_HOSTS_FOLDERS: readonly string[] = ["/etc/containerd/certs.d", "/etc/docker/certs.d"];

/**
 * Mirrors, certificates and headers as operators configure them for containerd and Docker: in each folder a subfolder for
 * the registry (`host_port_`, `host:port`, `host`, or `_default` for all others) with a `hosts.toml`, or with Docker's
 * `*.crt`, `*.cert` and `*.key`. The first subfolder that exists decides. Files are read anew for every request.
 *
 * The provider throws `FAILED_PRECONDITION` for a file that cannot be read or understood.
 */
export function hostsFromFolders(options: HostsFoldersOptions = {}): HostProvider {
  const { folders = DEFAULT_HOSTS_FOLDERS, insecureRegistries = [] } = options;
  return async (registry) => {
    for (const root of folders) {
      for (const name of folderNames(registry)) {
        const folder = join(root, name);
        if (await isFolder(folder)) return readFolder(folder, upstreamHost(registry, insecureRegistries), registry);
      }
    }
    return [];
  };
}

function folderNames(registry: string): readonly string[] {
  const colon = /^(.*):([0-9]+)$/.exec(registry);
  const own = colon?.[1] === undefined ? [registry] : [`${colon[1]}_${colon[2] ?? ""}_`, registry, colon[1]];
  return [...own, "_default"];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return false;
    throw unreadable(path, error);
  }
}

async function readFolder(folder: string, upstream: RegistryHost, registry: string): Promise<readonly RegistryHost[]> {
  const path = join(folder, "hosts.toml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [await withDockerFiles(folder, upstream)];
    throw unreadable(path, error);
  }
  return Promise.all(parseHostsToml(text, path).map((entry) => toHost(entry, folder, upstream, registry)));
}

async function toHost(
  entry: HostEntry,
  folder: string,
  upstream: RegistryHost,
  registry: string,
): Promise<RegistryHost> {
  const tls = await readTls(entry, folder);
  const url = entry.server === undefined ? upstream.url : apiUrl(entry.server, entry.overridePath);
  return {
    // Loopback is plain unless something was said about its certificates.
    url: tls !== undefined && entry.server === undefined && isLoopback(url.hostname) ? secure(url) : url,
    canResolve: entry.capabilities.includes("resolve"),
    canPull: entry.capabilities.includes("pull"),
    canPush: entry.capabilities.includes("push"),
    headers: entry.headers,
    ...(tls !== undefined && { tls }),
    ...(entry.dialTimeoutMs !== undefined && { dialTimeoutMs: entry.dialTimeoutMs }),
    ...(url.host !== upstream.url.host && { namespace: registry }),
  };
}

function apiUrl(server: URL, overridePath: boolean): URL {
  const url = new URL(server);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = overridePath || path.endsWith("/v2") ? path : `${path}/v2`;
  return url;
}

function secure(url: URL): URL {
  return new URL(url.href.replace(/^http:/, "https:"));
}

async function readTls(entry: HostEntry, folder: string): Promise<TlsOptions | undefined> {
  const read = (name: string): Promise<string> => readPem(isAbsolute(name) ? name : join(folder, name));
  const ca = await Promise.all(entry.ca.map(read));
  const pairs = await Promise.all(
    entry.client.map(async ([cert, key]) => [await read(cert), await read(key ?? cert)] as const),
  );
  if (ca.length === 0 && pairs.length === 0 && !entry.skipVerify) return undefined;
  return {
    ...(ca.length > 0 && { ca }),
    ...(pairs.length > 0 && { cert: pairs.map(([cert]) => cert), key: pairs.map(([, key]) => key) }),
    ...(entry.skipVerify && { skipVerify: true }),
  };
}

/** Docker's way: every `*.crt` is an authority, every `x.cert` has its `x.key`. */
async function withDockerFiles(folder: string, upstream: RegistryHost): Promise<RegistryHost> {
  const names = (await readdir(folder)).sort();
  const pem = (name: string): Promise<string> => readPem(join(folder, name));
  const ca = await Promise.all(names.filter((name) => name.endsWith(".crt")).map(pem));
  const certs = names.filter((name) => name.endsWith(".cert"));
  const cert = await Promise.all(certs.map(pem));
  const key = await Promise.all(certs.map((name) => pem(name.replace(/\.cert$/, ".key"))));
  if (ca.length === 0 && cert.length === 0) return upstream;
  const url = isLoopback(upstream.url.hostname) ? secure(upstream.url) : upstream.url;
  return { ...upstream, url, tls: { ...(ca.length > 0 && { ca }), ...(cert.length > 0 && { cert, key }) } };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} could not be read`, {
    hint: "mend the registry's folder, or remove it",
    details: { path },
    cause,
  });
}
