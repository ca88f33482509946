import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Descriptor } from "../document/descriptor.js";
import { sendFollowing } from "../http/redirects.js";
import type { HttpRequest, HttpResponse, Transport } from "../http/transport.js";
import { parseReference } from "../reference/parse-reference.js";
import type { ImageSource } from "../source/image-source.js";
import { FakeRegistry, isBlob } from "../testing/fake-registry.js";
import { status } from "../testing/faults.js";
import { failureOf, readAll } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { createRegistrySource } from "./registry-source.js";

let registry: FakeRegistry;
let store: FakeRegistry;
let source: ImageSource;
let layer: Descriptor;

beforeEach(async () => {
  registry = await FakeRegistry.start();
  store = await FakeRegistry.start();
  layer = store.blob("app", "content");
  source = createRegistrySource({
    clock: new TestClock(),
    credentials: () => Promise.resolve({ kind: "password", username: "u", password: "canary-secret" }),
  });
});

afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])(
    "with %d to another server is followed without Authorization or Cookie (S3)",
    async (code) => {
      registry.script(isBlob, status(401, { "www-authenticate": "Basic realm=x" }));
      registry.script(isBlob, (request, response) => {
        response.writeHead(code, { location: `http://${store.host}${request.url.pathname}`, "set-cookie": "a=b" });
        response.end();
      });
      const bytes = await readAll(source.fetch(parseReference(`${registry.host}/app`), layer));
      expect(Buffer.from(bytes).toString()).toBe("content");
      expect(registry.requests[1]?.headers.authorization).toMatch(/^Basic /);
      expect(store.requests).toHaveLength(1);
      expect(store.requests[0]?.headers).not.toHaveProperty("authorization");
      expect(store.requests[0]?.headers).not.toHaveProperty("cookie");
    },
  );

  test("on the same server keeps the Authorization", async () => {
    const own = registry.blob("app", "own");
    registry.script(isBlob, status(401, { "www-authenticate": "Basic realm=x" }));
    registry.script(isBlob, (request, response) => {
      response.writeHead(307, { location: `${request.url.pathname}?signed=1` });
      response.end();
    });
    await readAll(source.fetch(parseReference(`${registry.host}/app`), own));
    expect(registry.requests[2]?.headers.authorization).toMatch(/^Basic /);
  });

  test("that goes round in circles is REGISTRY_ERROR after 5 hops", async () => {
    registry.script(
      isBlob,
      (request, response) => {
        response.writeHead(307, { location: request.url.pathname });
        response.end();
      },
      100,
    );
    const failure = await failureOf(readAll(source.fetch(parseReference(`${registry.host}/app`), layer)));
    expect(failure).toMatchObject({ code: "REGISTRY_ERROR", details: { reason: "redirect" } });
    expect(registry.requests).toHaveLength(6);
  });

  test("to a server that wants credentials gets none", async () => {
    registry.script(isBlob, (request, response) => {
      response.writeHead(307, { location: `http://${store.host}${request.url.pathname}` });
      response.end();
    });
    store.script(isBlob, status(401, { "www-authenticate": "Basic realm=x" }), 10);
    expect((await failureOf(readAll(source.fetch(parseReference(`${registry.host}/app`), layer)))).code).toBe(
      "REGISTRY_UNAUTHORIZED",
    );
    expect(store.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("keeps the range that was asked for", async () => {
    registry.script(isBlob, (request, response) => {
      response.writeHead(307, { location: `http://${store.host}${request.url.pathname}` });
      response.end();
    });
    const bytes = await readAll(source.fetch(parseReference(`${registry.host}/app`), layer, { offset: 3 }));
    expect(Buffer.from(bytes).toString()).toBe("tent");
  });
});

class Scripted implements Transport {
  readonly sent: HttpRequest[] = [];
  readonly #locations: readonly string[];

  constructor(...locations: readonly string[]) {
    this.#locations = locations;
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    const location = this.#locations[this.sent.length];
    this.sent.push(request);
    const headers = location === undefined ? {} : { location };
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
    };
    return Promise.resolve({
      url: request.url,
      status: location === undefined ? 200 : 307,
      headers,
      body,
      discard: () => Promise.resolve(),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }
}

function follow(transport: Transport, from: string): Promise<HttpResponse> {
  const headers = { authorization: "Bearer canary", cookie: "c=1", "x-custom": "1", accept: "a", range: "bytes=1-" };
  return sendFollowing(transport, { method: "GET", url: new URL(from), headers }, { trusts: () => false });
}

describe("the shape of a redirect", () => {
  test.each([
    ["to another host", "https://a.io/x", "https://b.io/x"],
    ["to a host below", "https://a.io/x", "https://cdn.a.io/x"],
    ["to the host above", "https://cdn.a.io/x", "https://a.io/x"],
    ["to another port", "https://a.io/x", "https://a.io:8443/x"],
    ["to another scheme", "http://a.io/x", "https://a.io/x"],
    ["without a scheme", "https://a.io/x", "//b.io/x"],
    ["with a user name in it", "https://a.io/x", "https://a.io@b.io/x"],
    ["with backslashes", "https://a.io/x", "https:\\\\b.io\\x"],
  ])("%s loses what was meant for the first server", async (_, from, to) => {
    const transport = new Scripted(to);
    await follow(transport, from);
    expect(transport.sent[1]?.headers).toEqual({ accept: "a", range: "bytes=1-" });
    expect(transport.sent[1]?.guarded).toBe(true);
    expect(transport.sent[1]?.url.username).toBe("");
  });

  test.each([
    ["with a path", "https://a.io/x", "/y"],
    ["with the default port written out", "https://a.io/x", "https://a.io:443/y"],
    ["with the host in capitals", "https://a.io/x", "https://A.IO/y"],
  ])("%s stays on its server", async (_, from, to) => {
    const transport = new Scripted(to);
    await follow(transport, from);
    expect(transport.sent[1]?.headers["authorization"]).toBe("Bearer canary");
  });

  test("there and back again does not bring the credentials back", async () => {
    const transport = new Scripted("https://b.io/", "https://a.io/");
    await follow(transport, "https://a.io/x");
    expect(transport.sent[2]?.headers).toEqual({ accept: "a", range: "bytes=1-" });
  });

  test.each(["http://a.io/x", "http://b.io/", "ftp://b.io/", "file:///etc/passwd", "javascript:1", "https://"])(
    "from HTTPS to %s is refused",
    async (to) => {
      expect((await failureOf(follow(new Scripted(to), "https://a.io/x"))).code).toBe("REGISTRY_ERROR");
    },
  );

  test("is told without its query, where signatures are", async () => {
    const failure = await failureOf(
      follow(new Scripted("http://b.io/x?signature=canary-secret"), "https://a.io/x?token=canary-secret"),
    );
    expect(`${failure.message} ${JSON.stringify(failure.details)}`).not.toContain("canary");
  });
});
