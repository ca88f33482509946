import type { Credentials } from "../credentials/credentials.js";
import type { HttpRequest } from "../http/transport.js";

const CLIENT_ID = "voiyd";

/** What a token is asked for. */
export interface TokenWish {
  readonly realm: URL;
  readonly service: string | undefined;
  /** Sorted. */
  readonly scopes: readonly string[];
}

/**
 * The requests that may get a token, to be tried in order: each following one only when the server does not know the one
 * before. Docker's token service is asked with GET, OAuth2's (identity tokens) with POST.
 */
export function tokenRequests(
  wish: TokenWish,
  credentials: Credentials | undefined,
): readonly Omit<HttpRequest, "signal">[] {
  switch (credentials?.kind) {
    case "identity-token":
      return [post(wish, { grant_type: "refresh_token", refresh_token: credentials.token })];
    case "password": {
      const { username, password } = credentials;
      return [
        { ...get(wish), headers: { authorization: basicHeader(username, password) } },
        post(wish, { grant_type: "password", username, password }),
      ];
    }
    case "registry-token":
    case undefined:
      return [get(wish)];
  }
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function get({ realm, service, scopes }: TokenWish): Omit<HttpRequest, "signal"> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return { method: "GET", url, headers: {} };
}

function post(
  { realm, service, scopes }: TokenWish,
  fields: Readonly<Record<string, string>>,
): Omit<HttpRequest, "signal"> {
  const form = new URLSearchParams({ ...fields, client_id: CLIENT_ID });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return {
    method: "POST",
    url: realm,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode(form.toString()),
  };
}
