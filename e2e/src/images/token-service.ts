import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { CertificateFiles } from "./certificates.js";

export interface TokenService extends AsyncDisposable {
  readonly realm: string;
  /** `password` or `anonymous`, for each token that was given. */
  readonly given: readonly string[];
}

/** Gives tokens as `docker-registry` takes them: to everybody for reading, to ada for everything. */
export async function startTokenService(
  files: CertificateFiles,
  facts: { readonly issuer: string; readonly password: string },
): Promise<TokenService> {
  const key = createPrivateKey(await readFile(files.key));
  const certificate = new X509Certificate(await readFile(files.cert)).raw.toString("base64");
  const given: string[] = [];
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    const { authorization } = request.headers;
    const known = authorization === `Basic ${Buffer.from(`ada:${facts.password}`).toString("base64")}`;
    if (authorization !== undefined && !known) {
      response.writeHead(401).end();
      return;
    }
    given.push(known ? "password" : "anonymous");
    const access = url.searchParams.getAll("scope").map((scope) => {
      const [type = "", ...rest] = scope.split(":");
      const actions = (rest.pop() ?? "").split(",").filter((action) => known || action === "pull");
      return { type, name: rest.join(":"), actions };
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: facts.issuer,
      sub: "ada",
      aud: url.searchParams.get("service"),
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const text = `${encode({ typ: "JWT", alg: "ES256", x5c: [certificate] })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
    response.end(JSON.stringify({ token: `${text}.${signature}`, expires_in: 300 }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the token service does not listen");
  return {
    realm: `http://127.0.0.1:${String(address.port)}/token`,
    given,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
