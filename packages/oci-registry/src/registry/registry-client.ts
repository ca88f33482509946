import type { Logger } from "@voiyd/logger";
import { silentLogger } from "@voiyd/logger";
import { Authorizer } from "../auth/authorizer.js";
import { isAccepted } from "../auth/realm.js";
import { Secrets } from "../auth/secrets.js";
import { TokenCache } from "../auth/token-cache.js";
import type { Clock } from "../http/clock.js";
import { createSystemClock } from "../http/clock.js";
import { LazyTransport } from "../http/lazy-transport.js";
import { sendFollowing } from "../http/redirects.js";
import { Retry } from "../http/retry-policy.js";
import type { HttpRequest, HttpResponse, TlsOptions, Transport } from "../http/transport.js";
import type { RegistryHost } from "./registry-host.js";
import type { RegistryOptions } from "./registry-options.js";

/** A request to a registry's API. */
export interface RegistryCall {
  readonly host: RegistryHost;
  readonly method: HttpRequest["method"];
  /** After the API's root, `library/nginx/manifests/latest`; or where the registry itself sent us, as for an upload. */
  readonly path: string | URL;
  /** Empty for the registry as a whole. */
  readonly repository: string;
  /** What is done there. Default `pull`. */
  readonly actions?: "pull" | "pull,push" | undefined;
  /** Other repositories that are read, to mount a blob from one. */
  readonly readsToo?: readonly string[] | undefined;
  /** Query parameters. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: HttpRequest["body"];
  readonly memory?: HttpRequest["memory"];
  readonly signal?: AbortSignal | undefined;
}

const DEFAULTS = { stallTimeoutMs: 30_000, attempts: 5, longestWaitMs: 60_000, userAgent: "voiyd" } as const;

/** Requests with everything that stands between asking and an answer: authorization, redirects, retries. */
export class RegistryClient implements AsyncDisposable {
  readonly clock: Clock;
  readonly secrets: Secrets = new Secrets();
  readonly logger: Logger;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;
  readonly #insecureRegistries: readonly string[];
  readonly #retry: { readonly attempts: number; readonly longestWaitMs: number; readonly random: () => number };
  readonly #userAgent: string;
  readonly #tls = new Map<string, TlsOptions | undefined>();
  readonly #closed = new AbortController();

  constructor(options: RegistryOptions) {
    this.clock = options.clock ?? createSystemClock();
    this.logger = options.logger ?? silentLogger;
    const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULTS.stallTimeoutMs;
    const proxies = options.proxies ?? process.env;
    // Node's HTTP and TLS are a tenth of the time of a command that asks no registry.
    this.#transport =
      options.transport ??
      new LazyTransport(async () =>
        (await import("../http/node-transport.js")).createNodeTransport(stallTimeoutMs, proxies),
      );
    this.#insecureRegistries = options.insecureRegistries ?? [];
    this.#userAgent = options.userAgent ?? DEFAULTS.userAgent;
    this.#retry = {
      attempts: options.attempts ?? DEFAULTS.attempts,
      longestWaitMs: options.longestWaitMs ?? DEFAULTS.longestWaitMs,
      random: options.random ?? Math.random,
    };
    this.#authorizer = new Authorizer({
      rules: { insecureRegistries: this.#insecureRegistries, trustedRealms: options.trustedRealms ?? [] },
      credentials: options.credentials ?? (() => Promise.resolve(undefined)),
      tokens: new TokenCache(this.clock),
      secrets: this.secrets,
      send: (request, registry) => this.#sendToRealm(request, registry),
    });
  }

  newRetry(signal: AbortSignal | undefined): Retry {
    return new Retry({ ...this.#retry, clock: this.clock }, signal);
  }

  /** The answer, whatever its status. Throws the typed errors of connections that fail for good, and of authorization. */
  async send(call: RegistryCall, retry: Retry = this.newRetry(call.signal)): Promise<HttpResponse> {
    for (;;) {
      let response: HttpResponse;
      try {
        response = await this.sendOnce(call);
      } catch (error) {
        await retry.afterError(callUrl(call), error);
        continue;
      }
      if (await retry.afterAnswer(response)) continue;
      return response;
    }
  }

  /** One attempt, authorized. Throws what the transport throws: whether to try again is the caller's to know. */
  async sendOnce(call: RegistryCall): Promise<HttpResponse> {
    const scopes = scopesOf(call);
    const url = callUrl(call);
    const registry = call.host.url;
    // An upload may have been moved to another server, which is not the one that we have credentials for.
    const own = url.origin === registry.origin;
    this.#tls.set(registry.origin, call.host.tls);
    for (let challenges = 0; ; challenges += 1) {
      const authorization = own ? await this.#authorizer.header(registry, scopes, call.signal) : undefined;
      const response = await this.#follow(call, url, authorization);
      // A 401 from where a redirect led is no challenge to us: our credentials are none of that server's business.
      if (response.status !== 401 || response.url.origin !== registry.origin || challenges > 0) return response;
      await response.discard();
      this.#authorizer.learn(registry, scopes, response, authorization);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#transport[Symbol.asyncDispose]();
  }

  #follow(call: RegistryCall, url: URL, authorization: string | undefined): Promise<HttpResponse> {
    const { method, signal, host, body, memory } = call;
    const own = url.origin === host.url.origin;
    const configured = host.headers["authorization"];
    if (configured !== undefined) this.secrets.add(configured.replace(/^\S+\s+/, ""));
    const headers = {
      ...(own && host.headers),
      // Bytes are hashed as they come; a compressed transfer would need undoing first.
      "accept-encoding": "identity",
      "user-agent": this.#userAgent,
      ...call.headers,
      ...(authorization !== undefined && { authorization }),
    };
    const rules = this.#rules(host.url);
    const request = own
      ? { method, url, headers, body, tls: host.tls, dialTimeoutMs: host.dialTimeoutMs, memory, signal }
      : { method, url, headers, body, guarded: !rules.trusts(url), memory, signal };
    return sendFollowing(this.#transport, request, rules);
  }

  async #sendToRealm(request: Omit<HttpRequest, "signal">, registry: URL): Promise<HttpResponse> {
    const retry = this.newRetry(this.#closed.signal);
    const rules = this.#rules(registry);
    const headers = { "accept-encoding": "identity", "user-agent": this.#userAgent, ...request.headers };
    const guarded = !rules.trusts(request.url);
    // A registry with a certificate of its own has its token service behind the same one.
    const tls = request.url.hostname === registry.hostname ? this.#tls.get(registry.origin) : undefined;
    for (;;) {
      let response: HttpResponse;
      try {
        response = await sendFollowing(
          this.#transport,
          { ...request, headers, guarded, tls, signal: this.#closed.signal },
          rules,
        );
      } catch (error) {
        await retry.afterError(request.url, error);
        continue;
      }
      if (!(await retry.afterAnswer(response))) return response;
    }
  }

  #rules(registry: URL): { readonly trusts: (url: URL) => boolean } {
    return { trusts: (url) => isAccepted(url, registry, { insecureRegistries: this.#insecureRegistries }) };
  }
}

/** What access is asked for, in the words of the token specification. */
function scopesOf({ repository, actions = "pull", readsToo = [] }: RegistryCall): readonly string[] {
  if (repository === "") return [];
  return [`repository:${repository}:${actions}`, ...readsToo.map((other) => `repository:${other}:pull`)];
}

function callUrl({ host, path, query = {} }: RegistryCall): URL {
  const url = new URL(typeof path === "string" ? host.url : path);
  if (typeof path === "string") {
    url.pathname = `${host.url.pathname.replace(/\/$/, "")}/${path}`;
    if (host.namespace !== undefined) url.searchParams.set("ns", host.namespace);
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
