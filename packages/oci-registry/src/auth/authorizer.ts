import { RuntimeError } from "@voiyd/runtime-api";
import type { CredentialProvider, Credentials } from "../credentials/credentials.js";
import { credentialKey } from "../credentials/credentials.js";
import type { HttpRequest, HttpResponse } from "../http/transport.js";
import type { Challenge } from "./challenge.js";
import { parseChallenges } from "./challenge.js";
import { judgeRealm } from "./realm.js";
import type { RealmRules } from "./realm.js";
import type { Secrets } from "./secrets.js";
import { readToken } from "./token-answer.js";
import type { Token } from "./token-answer.js";
import type { TokenCache } from "./token-cache.js";
import { basicHeader, tokenRequests } from "./token-request.js";
import type { TokenWish } from "./token-request.js";

export interface AuthorizerParts {
  readonly rules: RealmRules;
  readonly credentials: CredentialProvider;
  readonly tokens: TokenCache;
  readonly secrets: Secrets;
  /** Sends a request to a token service, with retries and redirects. */
  readonly send: (request: Omit<HttpRequest, "signal">, registry: URL) => Promise<HttpResponse>;
}

/** How a registry wants to be convinced for one repository, learnt from its challenge. */
interface Lesson {
  readonly scheme: "bearer" | "basic";
  readonly wish?: TokenWish;
}

/** Answers challenges, and remembers the answers: the next request for the same repository brings its token along. */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #lessons = new Map<string, Lesson>();
  /** By registry: where credentials were looked for. */
  readonly #traces = new Map<string, readonly string[]>();

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  /** The `Authorization` for a request, or `undefined` while the registry has not asked for any. */
  async header(registry: URL, scopes: readonly string[], signal: AbortSignal | undefined): Promise<string | undefined> {
    const lesson = this.#lessons.get(lessonKey(registry, scopes));
    return lesson === undefined ? undefined : await this.#answer(registry, lesson, signal);
  }

  /**
   * Learns from a 401 and what was sent to get it. Throws `REGISTRY_UNAUTHORIZED` when the registry asks for something that
   * we do not have.
   */
  learn(registry: URL, scopes: readonly string[], response: HttpResponse, sent: string | undefined): void {
    const challenges = parseChallenges(response.headers["www-authenticate"]);
    const bearer = challenges.find(({ scheme, params }) => scheme === "bearer" && params.has("realm"));
    const basic = challenges.find(({ scheme }) => scheme === "basic");
    const lesson: Lesson | undefined =
      bearer !== undefined
        ? { scheme: "bearer", wish: this.#wish(registry, scopes, bearer) }
        : basic !== undefined
          ? { scheme: "basic" }
          : undefined;
    if (lesson === undefined) {
      throw unauthorized(registry, "the registry refuses access, and does not say how to get it");
    }
    if (sent !== undefined && lesson.wish !== undefined) {
      this.#parts.tokens.forget(tokenKey(registry, lesson.wish), sent.replace(/^Bearer /, ""));
    }
    this.#lessons.set(lessonKey(registry, scopes), lesson);
  }

  #wish(registry: URL, scopes: readonly string[], challenge: Challenge): TokenWish {
    const { url } = judgeRealm(challenge.params.get("realm") ?? "", registry, this.#parts.rules);
    const asked = (challenge.params.get("scope") ?? "").split(" ").filter((item) => item !== "");
    return { realm: url, service: challenge.params.get("service"), scopes: [...new Set([...scopes, ...asked])].sort() };
  }

  async #answer(registry: URL, lesson: Lesson, signal: AbortSignal | undefined): Promise<string> {
    if (lesson.wish === undefined) {
      const credentials = await this.#credentials(registry, signal);
      if (credentials?.kind === "password") return basicHeader(credentials.username, credentials.password);
      throw unauthorized(
        registry,
        "the registry asks for a user name and a password, and there are none",
        this.#traces.get(registry.host),
      );
    }
    const { wish } = lesson;
    const token = await this.#parts.tokens.get(
      tokenKey(registry, wish),
      () => this.#fetchToken(registry, wish),
      signal,
    );
    return `Bearer ${token}`;
  }

  async #fetchToken(registry: URL, wish: TokenWish): Promise<Token> {
    const { secrets, send, rules } = this.#parts;
    const credentials = await this.#credentials(registry, undefined);
    if (credentials?.kind === "registry-token") return { value: credentials.token, lifeMs: Number.POSITIVE_INFINITY };
    const { mayHaveCredentials } = judgeRealm(wish.realm.href, registry, rules);
    const shown = mayHaveCredentials ? credentials : undefined;
    let refusal: HttpResponse | undefined;
    for (const request of tokenRequests(wish, shown)) {
      const response = await send(request, registry);
      if (response.status === 200) {
        const token = await readToken(response);
        secrets.add(token.value);
        return token;
      }
      await response.discard();
      refusal = response;
      if (response.status !== 404 && response.status !== 405) break;
    }
    throw tokenRefused(
      registry,
      wish.realm,
      refusal?.status ?? 0,
      credentials,
      shown === undefined,
      this.#traces.get(registry.host),
    );
  }

  async #credentials(registry: URL, signal: AbortSignal | undefined): Promise<Credentials | undefined> {
    const { secrets } = this.#parts;
    const trace: string[] = [];
    const credentials = await this.#parts.credentials(credentialKey(registry.host), {
      signal,
      trace: (place) => trace.push(place),
    });
    this.#traces.set(registry.host, trace);
    if (credentials?.kind === "password") {
      secrets.add(credentials.password);
      secrets.add(basicHeader(credentials.username, credentials.password).slice("Basic ".length));
    } else if (credentials !== undefined) {
      secrets.add(credentials.token);
    }
    return credentials;
  }
}

function lessonKey(registry: URL, scopes: readonly string[]): string {
  return `${registry.origin} ${scopes.join(" ")}`;
}

function tokenKey(registry: URL, { realm, service, scopes }: TokenWish): string {
  return JSON.stringify([registry.origin, realm.href, service, scopes]);
}

function unauthorized(registry: URL, problem: string, trace: readonly string[] = []): RuntimeError {
  return new RuntimeError("REGISTRY_UNAUTHORIZED", `${registry.host}: ${problem}`, {
    hint: `log in to ${registry.host}`,
    details: { host: registry.host, credentialTrace: trace },
  });
}

function tokenRefused(
  registry: URL,
  realm: URL,
  status: number,
  credentials: Credentials | undefined,
  hidden: boolean,
  credentialTrace: readonly string[] = [],
): RuntimeError {
  const withheld = credentials !== undefined && hidden;
  const used = credentials === undefined ? "none" : (credentials.source ?? "given by the caller");
  const details = {
    host: registry.host,
    realm: realm.host,
    status,
    credentials: used,
    credentialsWithheld: withheld,
    credentialTrace,
  };
  if (withheld) {
    return new RuntimeError(
      "REGISTRY_UNAUTHORIZED",
      `${registry.host}: its token service ${realm.host} wants credentials, and was not shown any`,
      {
        hint: `if ${realm.host} may see the credentials of ${registry.host}, list it as a trusted realm`,
        details,
      },
    );
  }
  const refused = status >= 400 && status < 500 && status !== 429;
  return new RuntimeError(
    status === 429 ? "REGISTRY_RATE_LIMITED" : refused ? "REGISTRY_UNAUTHORIZED" : "REGISTRY_ERROR",
    `${registry.host}: its token service ${realm.host} answered ${String(status)} (credentials: ${used})`,
    { ...(refused && { hint: `check the credentials for ${registry.host}, and the repository's name` }), details },
  );
}
