/** What proves who we are to a registry. Never part of a message or a log. */
export type Credentials = (
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** Exchanged for access tokens at the registry's token service. */
  | { readonly kind: "identity-token"; readonly token: string }
  /** Sent as it is. */
  | { readonly kind: "registry-token"; readonly token: string }
) & {
  /** Where they were found, for errors: `docker-credential-pass`, `~/.docker/config.json`. */
  readonly source?: string;
};

export interface CredentialOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told every place that was looked at and what came of it, for errors. Never given a secret. */
  readonly trace?: ((place: string) => void) | undefined;
}

/** The credentials for a registry's key, or `undefined` to stay anonymous. A rejection fails the request. */
export type CredentialProvider = (key: string, options?: CredentialOptions) => Promise<Credentials | undefined>;

const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const DOCKER_HUB_HOSTS: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** The name under which Docker keeps the credentials of a registry host. */
export function credentialKey(host: string): string {
  return DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB_KEY : host;
}

/** Asks one provider after the other; the first that has credentials decides. */
export function firstCredentials(...providers: readonly CredentialProvider[]): CredentialProvider {
  return async (key, options) => {
    for (const provider of providers) {
      const found = await provider(key, options);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
