import type { CredentialProvider } from "../credentials/credentials.js";
import type { Logger } from "@voiyd/logger";
import type { ProxyEnvironment } from "../http/proxy-rules.js";
import type { Clock } from "../http/clock.js";
import type { Transport } from "../http/transport.js";
import type { HostProvider } from "./registry-host.js";

export interface RegistryOptions {
  /** Hosts (`host` or `host:port`) that are spoken to over plain HTTP. Loopback with another port than 443 always is. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Asked for `docker.io` under the name `https://index.docker.io/v1/`, for others under `host[:port]`. None unless given. */
  readonly credentials?: CredentialProvider | undefined;
  /** Where to ask for a registry's images: mirrors, certificates, headers. The registry itself unless given. */
  readonly hosts?: HostProvider | undefined;
  /** Hosts (`host[:port]`) that may be shown credentials of registries of other sites, when a registry names them as its token service. */
  readonly trustedRealms?: readonly string[] | undefined;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read. The process's environment unless given; `{}` for none. */
  readonly proxies?: ProxyEnvironment | undefined;
  /** Told what did not go well and was got over: servers that failed before another had it. Silent unless given. */
  readonly logger?: Logger | undefined;
  /** The longest silence before a connection is given up and another is tried, in milliseconds. 30 000 unless told. */
  readonly stallTimeoutMs?: number | undefined;
  /** Attempts at one request, and at going on with one broken stream. 5 unless told. */
  readonly attempts?: number | undefined;
  /** The longest `Retry-After` that is waited for, in milliseconds. 60 000 unless told. */
  readonly longestWaitMs?: number | undefined;
  /** `voiyd` unless told. */
  readonly userAgent?: string | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  /** For tests. */
  readonly transport?: Transport | undefined;
  /** For tests: from 0 up to 1. */
  readonly random?: (() => number) | undefined;
}
