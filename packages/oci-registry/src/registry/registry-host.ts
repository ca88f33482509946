import type { TlsOptions } from "../http/transport.js";

/** A server that can be asked for a registry's images. */
export interface RegistryHost {
  /** With the path of the API, `https://registry-1.docker.io/v2`. */
  readonly url: URL;
  /** Tags may be resolved here, not only digests fetched. */
  readonly canResolve: boolean;
  readonly canPull: boolean;
  readonly canPush: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions | undefined;
  /** The longest time for a connection to come about, in milliseconds. */
  readonly dialTimeoutMs?: number | undefined;
  /** A mirror is told which registry is meant, as `?ns=`. */
  readonly namespace?: string | undefined;
}

/** The servers to ask for a registry, the first one first. An empty list means the registry itself. */
export type HostProvider = (
  registry: string,
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<readonly RegistryHost[]>;

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_HOST = "registry-1.docker.io";

/** The registry itself: HTTPS, or plain HTTP on loopback with another port than 443 and for the hosts listed as insecure. */
export function upstreamHost(registry: string, insecureRegistries: readonly string[]): RegistryHost {
  const host = registry === DOCKER_HUB ? DOCKER_HUB_HOST : registry;
  const scheme = insecureRegistries.includes(registry) || isPlainLoopback(host) ? "http" : "https";
  return { url: new URL(`${scheme}://${host}/v2`), canResolve: true, canPull: true, canPush: true, headers: {} };
}

/** Whether Docker and containerd would speak plain HTTP to this `host:port` without being told. */
export function isPlainLoopback(host: string): boolean {
  const { hostname, port } = new URL(`https://${host}/`);
  return isLoopback(hostname) && port !== "";
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
