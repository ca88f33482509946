import { Authorizer } from "../auth/authorizer.js";
import { isAccepted } from "../auth/realm.js";
import { Secrets } from "../auth/secrets.js";
import { TokenCache } from "../auth/token-cache.js";
import type { Clock } from "../http/clock.js";
import { createSystemClock } from "../http/clock.js";
import { createNodeTransport } from "../http/node-transport.js";
import { sendFollowing } from "../http/redirects.js";
import { Retry } from "../http/retry-policy.js";
import type { HttpRequest, HttpResponse, Transport } from "../http/transport.js";
import type { RegistryHost } from "./registry-host.js";
import type { RegistryOptions } from "./registry-options.js";

/** A request to a registry's API. */
export interface RegistryCall {
  readonly host: RegistryHost;
  readonly method: HttpRequest["method"];
  /** After the API's root: `library/nginx/manifests/latest`. */
  readonly path: string;
  readonly repository: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULTS = { stallTimeoutMs: 30_000, attempts: 5, longestWaitMs: 60_000, userAgent: "voiyd" } as const;
const ACTIONS = "pull";

/** Requests with everything that stands between asking and an answer: authorization, redirects, retries. */
export class RegistryClient implements AsyncDisposable {
  readonly clock: Clock;
  readonly secrets: Secrets = new Secrets();
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;
  readonly #insecureRegistries: readonly string[];
  readonly #retry: { readonly attempts: number; readonly longestWaitMs: number; readonly random: () => number };
  readonly #userAgent: string;
  readonly #closed = new AbortController();

  constructor(options: RegistryOptions) {
    this.clock = options.clock ?? createSystemClock();
    this.#transport = options.transport ?? createNodeTransport(options.stallTimeoutMs ?? DEFAULTS.stallTimeoutMs);
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
    const scope = `repository:${call.repository}:${ACTIONS}`;
    const url = callUrl(call);
    for (let challenges = 0; ;) {
      const authorization = await this.#authorizer.header(call.host.url, scope, call.signal);
      let response: HttpResponse;
      try {
        response = await this.#follow(call, url, authorization);
      } catch (error) {
        await retry.afterError(url, error);
        continue;
      }
      // A 401 from where a redirect led is no challenge to us: our credentials are none of that server's business.
      if (response.status === 401 && response.url.origin === url.origin && challenges === 0) {
        challenges += 1;
        await response.discard();
        this.#authorizer.learn(call.host.url, scope, response, authorization);
        continue;
      }
      if (await retry.afterAnswer(response)) continue;
      return response;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#transport[Symbol.asyncDispose]();
  }

  #follow(call: RegistryCall, url: URL, authorization: string | undefined): Promise<HttpResponse> {
    const headers = {
      ...call.host.headers,
      // Bytes are hashed as they come; a compressed transfer would need undoing first.
      "accept-encoding": "identity",
      "user-agent": this.#userAgent,
      ...call.headers,
      ...(authorization !== undefined && { authorization }),
    };
    const { method, signal, host } = call;
    return sendFollowing(this.#transport, { method, url, headers, tls: host.tls, signal }, this.#rules(host.url));
  }

  async #sendToRealm(request: Omit<HttpRequest, "signal">, registry: URL): Promise<HttpResponse> {
    const retry = this.newRetry(this.#closed.signal);
    const rules = this.#rules(registry);
    const headers = { "accept-encoding": "identity", "user-agent": this.#userAgent, ...request.headers };
    const guarded = !rules.trusts(request.url);
    for (;;) {
      let response: HttpResponse;
      try {
        response = await sendFollowing(
          this.#transport,
          { ...request, headers, guarded, signal: this.#closed.signal },
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

function callUrl({ host, path }: RegistryCall): URL {
  const url = new URL(host.url);
  url.pathname = `${host.url.pathname.replace(/\/$/, "")}/${path}`;
  if (host.namespace !== undefined) url.searchParams.set("ns", host.namespace);
  return url;
}
