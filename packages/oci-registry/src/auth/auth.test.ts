import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import type { CredentialProvider } from "../credentials/credentials.js";
import { credentialKey } from "../credentials/credentials.js";
import type { Descriptor } from "../document/descriptor.js";
import { assertPublicHost, isInternalAddress } from "../http/address-guard.js";
import { parseReference } from "../reference/parse-reference.js";
import type { Reference } from "../reference/reference.js";
import { createRegistrySource } from "../registry/registry-source.js";
import type { RegistryOptions } from "../registry/registry-options.js";
import type { ImageSource } from "../source/image-source.js";
import { anything, FakeRegistry } from "../testing/fake-registry.js";
import type { Fault, SeenRequest } from "../testing/fake-registry.js";
import { status } from "../testing/faults.js";
import { failureOf, readAll } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { parseChallenges } from "./challenge.js";
import { judgeRealm } from "./realm.js";

const CANARY = "canary-s3cr3t";
const isToken = ({ url }: SeenRequest): boolean => url.pathname === "/token";
const isApi = ({ url }: SeenRequest): boolean => url.pathname.startsWith("/v2/");

let registry: FakeRegistry;
let clock: TestClock;
let sources: ImageSource[];
let layers: Descriptor[];

beforeEach(async () => {
  registry = await FakeRegistry.start();
  clock = new TestClock();
  sources = [];
  layers = Array.from({ length: 8 }, (_, position) => registry.blob("app", `layer ${String(position)}`));
});

afterEach(async () => {
  for (const source of sources) await source[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

function open(options: RegistryOptions = {}): ImageSource {
  const source = createRegistrySource({ clock, random: () => 0, ...options });
  sources.push(source);
  return source;
}

function reference(): Reference {
  return parseReference(`${registry.host}/app`);
}

function fetchLayer(source: ImageSource, position = 0): Promise<Uint8Array> {
  const layer = layers[position];
  if (layer === undefined) throw new Error("no such layer");
  return readAll(source.fetch(reference(), layer));
}

/** From now on the API takes the last token given out, and the token service counts up. */
function requireToken(
  answer: (issued: number) => object = (issued) => ({ token: `token-${String(issued)}`, expires_in: 300 }),
): { revoke: () => void } {
  let issued = 0;
  let valid: string | undefined;
  const guard: Fault = (request, response, serve) => {
    if (valid !== undefined && request.headers.authorization === `Bearer ${valid}`) {
      serve();
      return;
    }
    const stale = request.headers.authorization === undefined ? "" : ',error="invalid_token"';
    const challenge = `Bearer realm="http://${registry.host}/token",service="fake",scope="repository:app:pull"${stale}`;
    response.writeHead(401, { "www-authenticate": challenge });
    response.end();
  };
  registry.script(isApi, guard, Number.POSITIVE_INFINITY);
  registry.script(
    isToken,
    (_, response) => {
      issued += 1;
      const body = answer(issued);
      valid = Object.values(body).find((value) => typeof value === "string");
      response.end(JSON.stringify(body));
    },
    Number.POSITIVE_INFINITY,
  );
  return {
    revoke: () => {
      valid = "revoked";
    },
  };
}

function password(): Promise<{ kind: "password"; username: string; password: string }> {
  return Promise.resolve({ kind: "password", username: "user", password: CANARY });
}

describe("a registry that wants a token", () => {
  test("is asked without one first, then with one from its service, for its scope", async () => {
    requireToken();
    await fetchLayer(open());
    expect(registry.requests.map(({ url }) => url.pathname.split("/").slice(0, 4).join("/"))).toEqual([
      "/v2/app/blobs",
      "/token",
      "/v2/app/blobs",
    ]);
    const { searchParams } = registry.requests[1]?.url ?? new URL("http://none");
    expect(searchParams.get("service")).toBe("fake");
    expect(searchParams.getAll("scope")).toEqual(["repository:app:pull"]);
    expect(registry.requests[1]?.headers).not.toHaveProperty("authorization");
  });

  test("gives one token for 8 layers at once, and for those that follow", async () => {
    requireToken();
    const source = open();
    await Promise.all(layers.map((_, position) => fetchLayer(source, position)));
    await fetchLayer(source);
    expect(registry.count("GET", "/token")).toBe(1);
  });

  test("is asked for a new token when the old one has expired, before the request", async () => {
    requireToken();
    const source = open();
    await fetchLayer(source);
    await clock.sleep(301_000);
    await fetchLayer(source, 1);
    expect(registry.count("GET", "/token")).toBe(2);
    expect(registry.count("GET", "/v2/")).toBe(3);
  });

  test("that says nothing of the token's life is asked again after a minute", async () => {
    requireToken((issued) => ({ access_token: `t${String(issued)}` }));
    const source = open();
    await fetchLayer(source);
    await clock.sleep(61_000);
    await fetchLayer(source, 1);
    expect(registry.count("GET", "/token")).toBe(2);
  });

  test("that revokes a token in the middle of a pull gets a new one", async () => {
    const { revoke } = requireToken();
    const source = open();
    await fetchLayer(source);
    revoke();
    await fetchLayer(source, 1);
    expect(registry.count("GET", "/token")).toBe(2);
  });

  test("that refuses its own token is REGISTRY_UNAUTHORIZED, without a loop", async () => {
    const challenge = `Bearer realm="http://${registry.host}/token",error="insufficient_scope"`;
    registry.script(isApi, status(401, { "www-authenticate": challenge }), 100);
    registry.script(isToken, status(200, {}, JSON.stringify({ token: "useless-token" })), 100);
    expect((await failureOf(fetchLayer(open()))).code).toBe("REGISTRY_UNAUTHORIZED");
    expect(registry.requests).toHaveLength(3);
  });

  test.each([
    ["is no JSON", `{"token":"${CANARY}`],
    ["has no token", "{}"],
    ["has a token with a line break", JSON.stringify({ token: `${CANARY}\r\nx: y` })],
    ["is longer than 1 MiB", JSON.stringify({ token: "x", more: "y".repeat(1024 * 1024) })],
  ])("whose token service's answer %s is REGISTRY_ERROR, which does not show it", async (_, body) => {
    requireToken();
    const own = await FakeRegistry.start();
    own.script(({ url }) => url.pathname === "/token", status(200, {}, body), 10);
    own.script(anything, status(401, { "www-authenticate": `Bearer realm="http://${own.host}/token"` }), 10);
    const failure = await failureOf(open().resolve(parseReference(`${own.host}/app`)));
    expect(failure.code).toBe("REGISTRY_ERROR");
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
    await own[Symbol.asyncDispose]();
  });

  test("whose token service is busy is waited for", async () => {
    registry.script(isToken, status(503, { "retry-after": "2" }));
    requireToken();
    await fetchLayer(open());
    expect(clock.sleeps).toEqual([2000]);
  });

  test("one caller that gives up does not take the token from the others", async () => {
    const controller = new AbortController();
    const source = open();
    registry.script(isToken, (_, response) => {
      controller.abort(new Error("enough"));
      response.end(JSON.stringify({ token: "token-x" }));
    });
    registry.script(isApi, status(401, { "www-authenticate": `Bearer realm="http://${registry.host}/token"` }), 2);
    const [layer] = layers;
    if (layer === undefined) throw new Error("no layer");
    const given = readAll(source.fetch(reference(), layer, { signal: controller.signal }));
    const kept = fetchLayer(source, 1);
    await expect(given).rejects.toThrow("enough");
    expect(Buffer.from(await kept).toString()).toBe("layer 1");
  });
});

describe("credentials", () => {
  test("go to the token service, never to the registry that wants a token", async () => {
    requireToken();
    await fetchLayer(open({ credentials: password }));
    expect(registry.requests[1]?.headers.authorization).toBe(
      `Basic ${Buffer.from(`user:${CANARY}`).toString("base64")}`,
    );
    expect(registry.requests[2]?.headers.authorization).toBe("Bearer token-1");
  });

  test("go by POST where GET is not known", async () => {
    registry.script(({ method, url }) => method === "GET" && url.pathname === "/token", status(405));
    requireToken();
    await fetchLayer(open({ credentials: password }));
    const form = new URLSearchParams(registry.requests.find(({ method }) => method === "POST")?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: "password",
      username: "user",
      password: CANARY,
      service: "fake",
    });
  });

  test("that are an identity token are exchanged by POST", async () => {
    requireToken();
    await fetchLayer(open({ credentials: () => Promise.resolve({ kind: "identity-token", token: CANARY }) }));
    const form = new URLSearchParams(registry.requests.find(({ method }) => method === "POST")?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: CANARY,
      scope: "repository:app:pull",
    });
  });

  test("that are a registry token are sent as they are", async () => {
    registry.script(isApi, status(401, { "www-authenticate": `Bearer realm="http://${registry.host}/token"` }));
    await fetchLayer(open({ credentials: () => Promise.resolve({ kind: "registry-token", token: "mine" }) }));
    expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, "Bearer mine"]);
  });

  test("answer a Basic challenge, and go along from then on", async () => {
    registry.script(isApi, status(401, { "www-authenticate": 'Basic realm="x"' }));
    const source = open({ credentials: password });
    await fetchLayer(source);
    await fetchLayer(source, 1);
    expect(registry.requests.map(({ headers }) => headers.authorization?.slice(0, 6))).toEqual([
      undefined,
      "Basic ",
      "Basic ",
    ]);
  });

  test("that are missing for a Basic challenge are REGISTRY_UNAUTHORIZED with a hint", async () => {
    registry.script(isApi, status(401, { "www-authenticate": "Basic" }), 10);
    expect(await failureOf(fetchLayer(open()))).toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      hint: expect.stringContaining("log in"),
    });
  });

  test("that are wrong are REGISTRY_UNAUTHORIZED and appear in no part of the error, even when the registry repeats them (S20)", async () => {
    registry.script(
      isApi,
      (request, response) => {
        response.writeHead(401, { "www-authenticate": "Basic" });
        response.end(
          JSON.stringify({
            errors: [{ code: "UNAUTHORIZED", message: `${request.headers.authorization ?? ""} ${CANARY}` }],
          }),
        );
      },
      10,
    );
    const failure = await failureOf(fetchLayer(open({ credentials: password })));
    expect(failure.code).toBe("REGISTRY_UNAUTHORIZED");
    const shown = inspect(failure, { depth: 10, showHidden: true });
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain(Buffer.from(`user:${CANARY}`).toString("base64"));
  });

  test("that the token service refuses are told by where they came from", async () => {
    registry.script(isToken, status(401), 10);
    requireToken();
    const credentials: CredentialProvider = async () => ({ ...(await password()), source: "docker-credential-pass" });
    const failure = await failureOf(fetchLayer(open({ credentials })));
    expect(failure).toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      details: { credentials: "docker-credential-pass", status: 401 },
    });
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
  });

  test("that cannot be had fail the request", async () => {
    requireToken();
    const broken: CredentialProvider = () => Promise.reject(new Error("the keychain is locked"));
    await expect(fetchLayer(open({ credentials: broken }))).rejects.toThrow("locked");
  });

  test("are looked for under Docker Hub's old name, and under host and port for others", () => {
    expect(["docker.io", "registry-1.docker.io", "localhost:5000"].map(credentialKey)).toEqual([
      "https://index.docker.io/v1/",
      "https://index.docker.io/v1/",
      "localhost:5000",
    ]);
  });
});

describe("a token service (S4)", () => {
  const rules = { insecureRegistries: ["lab.local:5000"], trustedRealms: ["sso.example.org"] };

  test.each([
    ["https://auth.docker.io/token", "https://registry-1.docker.io/v2", true],
    ["https://gitlab.com/jwt/auth", "https://registry.gitlab.com/v2", true],
    ["https://ghcr.io/token", "https://ghcr.io/v2", true],
    ["https://sso.example.org/t", "https://registry.corp.net/v2", true],
    ["https://evil.io/token", "https://registry-1.docker.io/v2", false],
    ["https://docker.io.evil.io/token", "https://registry-1.docker.io/v2", false],
    ["https://10.0.0.2/token", "https://10.0.0.1/v2", false],
    ["http://127.0.0.1:6000/token", "http://127.0.0.1:5000/v2", true],
    ["http://lab.local:5000/token", "http://lab.local:5000/v2", true],
  ])("%s for %s gets credentials: %s", (realm, host, expected) => {
    expect(judgeRealm(realm, new URL(host), rules).mayHaveCredentials).toBe(expected);
  });

  test.each([
    ["http://auth.docker.io/token", "https://registry-1.docker.io/v2"],
    ["http://127.0.0.1/token", "https://registry-1.docker.io/v2"],
    ["http://evil.io/token", "http://127.0.0.1:5000/v2"],
    ["ftp://ghcr.io/token", "https://ghcr.io/v2"],
    ["file:///etc/shadow", "https://ghcr.io/v2"],
    ["token", "https://ghcr.io/v2"],
    ["", "https://ghcr.io/v2"],
  ])("%s for %s is refused", (realm, host) => {
    expect(() => judgeRealm(realm, new URL(host), rules)).toThrow(expect.objectContaining({ code: "REGISTRY_ERROR" }));
  });

  test("of another site is asked without credentials, and the error tells how to trust it", async () => {
    await using other = await FakeRegistry.start();
    const realm = `http://localhost:${other.host.split(":")[1] ?? ""}/token`;
    other.script(anything, status(401), 10);
    registry.script(isApi, status(401, { "www-authenticate": `Bearer realm="${realm}"` }), 10);
    const failure = await failureOf(fetchLayer(open({ credentials: password })));
    expect(failure).toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      details: { credentialsWithheld: true },
      hint: expect.stringContaining("trusted realm"),
    });
    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each([
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
  ])("at %s is inside of the host", (address) => {
    expect(isInternalAddress(address)).toBe(true);
  });

  test.each([
    "https://localhost/",
    "https://a.localhost/",
    "https://metadata.google.internal/",
    "https://[::1]/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://169.254.169.254./",
  ])("at %s is refused by its name alone", (url) => {
    expect(() => {
      assertPublicHost(new URL(url));
    }).toThrow(expect.objectContaining({ code: "REGISTRY_ERROR" }));
  });

  test.each(["10.0.0.1", "192.168.1.1", "8.8.8.8", "2001:db8::1", "registry.corp"])("at %s is fine", (address) => {
    expect(isInternalAddress(address)).toBe(false);
  });
});

describe("a challenge", () => {
  test.each([
    [
      'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
      "bearer realm=https://a/t service=s scope=repository:a:pull,push",
    ],
    ["Basic", "basic"],
    ['Basic realm="x, y", Bearer realm="z"', "basic realm=x, y | bearer realm=z"],
    ['bearer Realm="a" , SERVICE=b', "bearer realm=a service=b"],
    ['Bearer realm="a\\"b"', 'bearer realm=a"b'],
    ["Negotiate, Basic realm=x", "negotiate | basic realm=x"],
    ['Bearer realm="a",realm="b"', "bearer realm=a"],
    ['Bearer realm="never ends', "bearer"],
    ["", ""],
    ["===", ""],
    [undefined, ""],
  ])("%s is read", (header, expected) => {
    const shown = parseChallenges(header).map(({ scheme, params }) =>
      [scheme, ...[...params].map(([name, value]) => `${name}=${value}`)].join(" "),
    );
    expect(shown.join(" | ").startsWith(expected)).toBe(true);
    if (expected === "") expect(shown).toEqual([]);
  });
});
