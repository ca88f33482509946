import type { CredentialProvider } from "@voiyd/oci-registry";

/**
 * Who pulls images: this client; the daemon, by its transfer service; or the daemon where it has one that works, and this
 * client elsewhere.
 */
export type PullBackend = "client" | "transfer" | "auto";

/** How the daemon reaches registries when it pulls. What is not said here is as the daemon is configured. */
export interface TransferOptions {
  /** Asked by the daemon when a registry wants credentials. None unless given. */
  readonly credentials?: CredentialProvider | undefined;
  /** A folder with `hosts.toml` files, on the daemon's host. */
  readonly hostsDir?: string | undefined;
  /** Hosts (`host` or `host:port`) that are spoken to over plain HTTP. Loopback with a port always is. */
  readonly insecureRegistries?: readonly string[] | undefined;
}
