import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { once } from "node:events";
import { digestOf } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { OCI_MANIFEST } from "../document/media-types.js";
import { parseReference } from "../reference/parse-reference.js";
import type { Reference } from "../reference/reference.js";
import type { ImageSource } from "../source/image-source.js";
import { anything, FakeRegistry, isBlob, isHead, isManifest } from "../testing/fake-registry.js";
import { cut, reset, silence, stall, status, whole } from "../testing/faults.js";
import { failureOf, readAll } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import type { RegistryOptions } from "./registry-options.js";
import { createRegistrySource } from "./registry-source.js";

const BYTES = Uint8Array.from({ length: 1_000_003 }, (_, position) => (position * 31) % 251);
const OTHER = `sha256:${"f".repeat(64)}`;

let registry: FakeRegistry;
let clock: TestClock;
let sources: ImageSource[];
let layer: Descriptor;
let manifest: Descriptor;

beforeEach(async () => {
  registry = await FakeRegistry.start();
  clock = new TestClock();
  sources = [];
  layer = registry.blob("app", BYTES);
  const config = registry.blob("app", "{}", "application/vnd.oci.image.config.v1+json");
  manifest = registry.manifest(
    "app",
    "v1",
    { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] },
    OCI_MANIFEST,
  );
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

function reference(name = "app:v1"): Reference {
  return parseReference(`${registry.host}/${name}`);
}

describe("resolving", () => {
  test("a tag takes one HEAD request and no body", async () => {
    expect(await open().resolve(reference())).toEqual(manifest);
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  test("asks for manifests and indexes of both kinds, and never with a compressed transfer", async () => {
    await open().resolve(reference());
    const headers = registry.requests[0]?.headers;
    expect(headers?.accept).toContain("application/vnd.oci.image.index.v1+json");
    expect(headers?.accept).toContain("application/vnd.docker.distribution.manifest.list.v2+json");
    expect(headers?.["accept-encoding"]).toBe("identity");
  });

  test("a digest keeps the digest", async () => {
    expect(await open().resolve(reference(`app@${manifest.digest}`))).toEqual(manifest);
  });

  test("a sha512 digest asks for the bytes when the registry only names their sha256", async () => {
    const bytes = await readAll(open().fetch(reference(), manifest));
    const digest = digestOf(bytes, "sha512");
    expect(await open().resolve(reference(`app@${digest}`))).toEqual({ ...manifest, digest });
  });

  test.each([
    ["does not tell the digest", status(200, { "content-type": OCI_MANIFEST, "content-length": "5" })],
    [
      "does not tell the length",
      status(200, { "content-type": OCI_MANIFEST, "docker-content-digest": OTHER, "transfer-encoding": "chunked" }),
    ],
    ["is not allowed", status(405)],
    ["is refused with 403", status(403)],
    [
      "has a page's type",
      status(200, { "content-type": "text/html", "content-length": "5", "docker-content-digest": OTHER }),
    ],
  ])("falls back to GET when HEAD %s", async (_, fault) => {
    registry.script(isHead, fault);
    expect(await open().resolve(reference())).toEqual(manifest);
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  test("a manifest that is sent as plain JSON is recognised by what it says of itself", async () => {
    registry.manifest(
      "app",
      "json",
      { schemaVersion: 2, mediaType: OCI_MANIFEST, config: layer, layers: [] },
      "application/json",
    );
    expect(await open().resolve(reference("app:json"))).toMatchObject({ mediaType: OCI_MANIFEST });
  });

  test("an answer that lies about the digest that was asked for is DIGEST_MISMATCH", async () => {
    registry.script(
      isHead,
      status(200, { "content-type": OCI_MANIFEST, "content-length": "5", "docker-content-digest": OTHER }),
    );
    const failure = await failureOf(open().resolve(reference(`app@${manifest.digest}`)));
    expect(failure.code).toBe("DIGEST_MISMATCH");
  });

  test("a body that does not have the digest of its header is DIGEST_MISMATCH", async () => {
    registry.script(isHead, status(405));
    registry.script(isManifest, (_, response) => {
      response.writeHead(200, { "content-type": OCI_MANIFEST, "docker-content-digest": OTHER });
      response.end("{}");
    });
    expect((await failureOf(open().resolve(reference()))).code).toBe("DIGEST_MISMATCH");
  });

  test("a lying Docker-Content-Digest on a tag comes out when the manifest is fetched", async () => {
    registry.script(
      isHead,
      status(200, {
        "content-type": OCI_MANIFEST,
        "content-length": String(manifest.size),
        "docker-content-digest": OTHER,
      }),
    );
    const source = open();
    const descriptor = await source.resolve(reference());
    registry.script(isManifest, (request, _, serve) => {
      request.url.pathname = `/v2/app/manifests/${manifest.digest}`;
      serve();
    });
    expect((await failureOf(readAll(source.fetch(reference(), descriptor)))).code).toBe("DIGEST_MISMATCH");
  });

  test("a manifest above 4 MiB is IMAGE_INVALID, by its header and by its bytes", async () => {
    const large = String(4 * 1024 * 1024 + 1);
    registry.script(
      isHead,
      status(200, { "content-type": OCI_MANIFEST, "content-length": large, "docker-content-digest": OTHER }),
    );
    expect((await failureOf(open().resolve(reference()))).code).toBe("IMAGE_INVALID");
    registry.script(isHead, status(405));
    registry.script(isManifest, whole(new Uint8Array(5 * 1024 * 1024), true));
    expect((await failureOf(open().resolve(reference()))).code).toBe("IMAGE_INVALID");
  });

  test("Docker's schema 1 is IMAGE_INVALID with what to do", async () => {
    registry.manifest("app", "old", { schemaVersion: 1 }, "application/vnd.docker.distribution.manifest.v1+prettyjws");
    const failure = await failureOf(open().resolve(reference("app:old")));
    expect(failure).toMatchObject({ code: "IMAGE_INVALID", hint: expect.stringContaining("push") });
  });

  test("something that is no image is IMAGE_INVALID", async () => {
    registry.manifest("app", "page", { hello: "world" }, "text/html");
    expect((await failureOf(open().resolve(reference("app:page")))).code).toBe("IMAGE_INVALID");
  });

  test("an unknown tag is IMAGE_NOT_FOUND after one request", async () => {
    const failure = await failureOf(open().resolve(reference("app:nope")));
    expect(failure.code).toBe("IMAGE_NOT_FOUND");
    expect(failure.message).toContain(`${registry.host}/app:nope`);
    expect(registry.requests).toHaveLength(1);
  });

  test("a digest that is unknown among manifests is looked for among blobs", async () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: layer, layers: [] }),
    );
    const { digest } = registry.blob("app", bytes);
    expect(await open().resolve(reference(`app@${digest}`))).toEqual({
      mediaType: OCI_MANIFEST,
      digest,
      size: bytes.length,
    });
  });

  test("a refusal carries the registry's own words, fit for a terminal", async () => {
    const body = JSON.stringify({ errors: [{ code: "DENIED", message: "no \u001b[31mway\u202e" }] });
    registry.script(anything, status(403, {}, body), 2);
    const failure = await failureOf(open().resolve(reference()));
    expect(failure.code).toBe("REGISTRY_UNAUTHORIZED");
    expect(failure.message).toContain("DENIED no \ufffd[31mway\ufffd");
  });

  test.each([
    ["of no sense", "<html>"],
    ["of 100 KiB", "x".repeat(100 * 1024)],
    ["of nothing", ""],
    ["with a list in place of errors", '{"errors":[1]}'],
  ])("an error body %s leaves the status as the error", async (_, body) => {
    registry.script(anything, status(400, {}, body), 2);
    const failure = await failureOf(open().resolve(reference()));
    expect(failure).toMatchObject({ code: "REGISTRY_ERROR", details: { status: 400 } });
    expect(failure.message.length).toBeLessThan(1500);
  });
});

describe("retries", () => {
  test("429 waits as long as Retry-After says", async () => {
    registry.script(isHead, status(429, { "retry-after": "7" }));
    await open().resolve(reference());
    expect(clock.sleeps).toEqual([7000]);
  });

  test("a Retry-After that is a date is waited for", async () => {
    registry.script(isHead, status(503, { "retry-after": new Date(clock.now() + 3000).toUTCString() }));
    await open().resolve(reference());
    expect(clock.sleeps).toEqual([3000]);
  });

  test("a Retry-After beyond the bound is REGISTRY_RATE_LIMITED at once, with the time", async () => {
    registry.script(isHead, status(429, { "retry-after": "3600" }));
    const failure = await failureOf(open().resolve(reference()));
    expect(failure).toMatchObject({
      code: "REGISTRY_RATE_LIMITED",
      details: { retryAfterMs: 3_600_000 },
      hint: expect.stringContaining("3600 s"),
    });
    expect(registry.requests).toHaveLength(1);
  });

  test("429 for ever is REGISTRY_RATE_LIMITED after 5 attempts", async () => {
    registry.script(anything, status(429), 100);
    expect((await failureOf(open().resolve(reference()))).code).toBe("REGISTRY_RATE_LIMITED");
    expect(registry.requests).toHaveLength(5);
  });

  test.each([408, 500, 502, 503, 504])("%d twice, then right, is right", async (code) => {
    registry.script(isHead, status(code), 2);
    expect(await open().resolve(reference())).toEqual(manifest);
    expect(clock.sleeps).toEqual([50, 100]);
  });

  test("500 for ever is REGISTRY_ERROR with the status", async () => {
    registry.script(anything, status(500), 100);
    expect(await failureOf(open().resolve(reference()))).toMatchObject({
      code: "REGISTRY_ERROR",
      details: { status: 500 },
    });
    expect(registry.requests.length).toBeLessThanOrEqual(6);
  });

  test.each([400, 401, 403, 410])("%d is not repeated", async (code) => {
    registry.script(anything, status(code), 100);
    await failureOf(open().resolve(reference()));
    expect(clock.sleeps).toEqual([]);
  });

  test("a connection that is reset is tried again", async () => {
    registry.script(isHead, reset, 2);
    expect(await open().resolve(reference())).toEqual(manifest);
  });

  test("a connection that is always reset is UNAVAILABLE after 5 attempts", async () => {
    registry.script(anything, reset, 100);
    expect(await failureOf(open().resolve(reference()))).toMatchObject({
      code: "UNAVAILABLE",
      details: { reason: "broken", attempts: 5 },
    });
  });

  test("a refused connection is UNAVAILABLE, apart from one that breaks", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    const port = typeof address === "object" ? String(address?.port) : "";
    const failure = await failureOf(open().resolve(parseReference(`127.0.0.1:${port}/app`)));
    expect(failure).toMatchObject({ code: "UNAVAILABLE", details: { reason: "refused" } });
  });

  test("a name that does not exist is UNAVAILABLE without a second attempt", async () => {
    const failure = await failureOf(open().resolve(parseReference("registry.invalid/app")));
    expect(failure).toMatchObject({ code: "UNAVAILABLE", details: { reason: "dns" } });
  });

  test("HTTPS to a server without TLS is REGISTRY_ERROR with a hint", async () => {
    const host = {
      url: new URL(`https://${registry.host}/v2`),
      canResolve: true,
      canPull: true,
      canPush: false,
      headers: {},
    };
    const source = open({ hosts: () => Promise.resolve([host]) });
    expect(await failureOf(source.resolve(reference()))).toMatchObject({
      code: "REGISTRY_ERROR",
      details: { reason: "tls" },
      hint: expect.any(String),
    });
  });

  test("a server that speaks something else is REGISTRY_ERROR", async () => {
    const server = createServer((socket) => {
      socket.resume().end("SSH-2.0-hello\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const failure = await failureOf(open().resolve(parseReference(`127.0.0.1:${port}/app`)));
    expect(failure).toMatchObject({ code: "REGISTRY_ERROR", details: { reason: "protocol" } });
    server.close();
    await once(server, "close");
  });

  test("a server that never answers is TIMEOUT after all attempts", async () => {
    registry.script(anything, silence, 100);
    const failure = await failureOf(open({ stallTimeoutMs: 20, attempts: 2 }).resolve(reference()));
    expect(failure).toMatchObject({ code: "TIMEOUT", details: { attempts: 2 } });
  });

  test("an abort rejects with its own reason, while waiting for an answer", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    registry.script(anything, () => {
      controller.abort(reason);
    });
    await expect(open().resolve(reference(), { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe("fetching", () => {
  test("gives the bytes of a blob, in more than one chunk", async () => {
    let chunks = 0;
    let length = 0;
    for await (const chunk of open().fetch(reference(), layer)) {
      chunks += 1;
      length += chunk.length;
    }
    expect(length).toBe(BYTES.length);
    expect(chunks).toBeGreaterThan(1);
  });

  test("asks for manifests by their digest where manifests are", async () => {
    await readAll(open().fetch(reference(), manifest));
    expect(registry.requests[0]?.url.pathname).toBe(`/v2/app/manifests/${manifest.digest}`);
  });

  test("starts where the caller is", async () => {
    const rest = await readAll(open().fetch(reference(), layer, { offset: 999_999 }));
    expect(Buffer.from(rest).equals(BYTES.subarray(999_999))).toBe(true);
    expect(registry.requests[0]?.headers.range).toBe("bytes=999999-");
  });

  test("from the end on asks nobody", async () => {
    expect(await readAll(open().fetch(reference(), layer, { offset: layer.size }))).toHaveLength(0);
    expect(registry.requests).toHaveLength(0);
  });

  test.each([0, 1, 10, 25, 50, 75, 90, 99])("a connection cut at %d %% is resumed there", async (percent) => {
    const at = Math.floor((BYTES.length * percent) / 100);
    registry.script(isBlob, cut(BYTES, at));
    const bytes = await readAll(open().fetch(reference(), layer));
    expect(Buffer.from(bytes).equals(BYTES)).toBe(true);
    expect(registry.count("GET", "/blobs/")).toBe(2);
    expect(registry.requests[1]?.headers.range).toBe(at === 0 ? undefined : `bytes=${String(at)}-`);
  });

  test("a connection that is cut again and again goes on as long as it brings bytes", async () => {
    for (let part = 1; part <= 9; part += 1) registry.script(isBlob, cut(BYTES, part * 100_000));
    expect(await readAll(open().fetch(reference(), layer))).toHaveLength(BYTES.length);
    expect(registry.count("GET", "/blobs/")).toBe(10);
  });

  test("a connection that brings nothing is given up after 5 attempts", async () => {
    registry.script(isBlob, cut(BYTES, 10), 100);
    expect(await failureOf(readAll(open().fetch(reference(), layer)))).toMatchObject({
      code: "UNAVAILABLE",
      details: { reason: "broken" },
    });
    expect(registry.count("GET", "/blobs/")).toBe(5);
  });

  test("a server that ignores ranges sends all again, and what is here is left out", async () => {
    registry.script(isBlob, cut(BYTES, 400_000));
    registry.script(isBlob, whole(BYTES));
    expect(Buffer.from(await readAll(open().fetch(reference(), layer))).equals(BYTES)).toBe(true);
  });

  test("a server that answers with another range than asked is REGISTRY_ERROR", async () => {
    registry.script(
      isBlob,
      (_, response) => {
        response.writeHead(206, { "content-range": `bytes 0-${String(BYTES.length - 1)}/${String(BYTES.length)}` });
        response.end(BYTES);
      },
      10,
    );
    expect((await failureOf(readAll(open().fetch(reference(), layer, { offset: 5 })))).code).toBe("REGISTRY_ERROR");
  });

  test("a stream in chunks without a length is read", async () => {
    registry.script(isBlob, whole(BYTES, true));
    expect(await readAll(open().fetch(reference(), layer))).toHaveLength(BYTES.length);
  });

  test("a stream that stalls is taken up on another connection", async () => {
    registry.script(isBlob, stall(BYTES, 300_000));
    expect(Buffer.from(await readAll(open({ stallTimeoutMs: 50 }).fetch(reference(), layer))).equals(BYTES)).toBe(true);
    expect(registry.count("GET", "/blobs/")).toBe(2);
  });

  test("a stream that always stalls is TIMEOUT", async () => {
    registry.script(isBlob, stall(BYTES, 0), 100);
    expect((await failureOf(readAll(open({ stallTimeoutMs: 20 }).fetch(reference(), layer)))).code).toBe("TIMEOUT");
  });

  test("a reader that takes its time is no stall", async () => {
    const iterator = open({ stallTimeoutMs: 30 }).fetch(reference(), layer)[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise((resolve) => {
      setTimeout(resolve, 90);
    });
    let length = 0;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      length += next.value.length;
    expect(length).toBeGreaterThan(0);
    expect(registry.count("GET", "/blobs/")).toBe(1);
  });

  test("bytes with another digest are DIGEST_MISMATCH, and not asked for again", async () => {
    const wrong = BYTES.slice();
    wrong[500] = 255;
    registry.script(isBlob, whole(wrong));
    expect((await failureOf(readAll(open().fetch(reference(), layer)))).code).toBe("DIGEST_MISMATCH");
    expect(registry.count("GET", "/blobs/")).toBe(1);
  });

  test.each([
    ["more", BYTES.length + 1],
    ["fewer", BYTES.length - 1],
  ])("%s bytes than promised are DIGEST_MISMATCH", async (_, length) => {
    const wrong = new Uint8Array(length);
    wrong.set(BYTES.subarray(0, length));
    for (const chunked of [false, true]) {
      registry.script(isBlob, whole(wrong, chunked));
      expect((await failureOf(readAll(open().fetch(reference(), layer)))).code).toBe("DIGEST_MISMATCH");
    }
  });

  test("never gives out more bytes than the descriptor promises", async () => {
    registry.script(isBlob, whole(new Uint8Array(2_000_000), true));
    let length = 0;
    await failureOf(
      (async () => {
        for await (const chunk of open().fetch(reference(), layer)) length += chunk.length;
      })(),
    );
    expect(length).toBeLessThanOrEqual(layer.size);
  });

  test("a blob that is not there is IMAGE_NOT_FOUND and names it", async () => {
    const failure = await failureOf(readAll(open().fetch(reference(), { ...layer, digest: OTHER })));
    expect(failure.code).toBe("IMAGE_NOT_FOUND");
    expect(failure.message).toContain(OTHER);
  });

  test("an empty blob is verified without asking", async () => {
    const empty = registry.blob("app", "");
    expect(await readAll(open().fetch(reference(), empty))).toHaveLength(0);
    expect((await failureOf(readAll(open().fetch(reference(), { ...empty, digest: OTHER })))).code).toBe(
      "DIGEST_MISMATCH",
    );
  });

  test("addresses in a descriptor are never asked (S2)", async () => {
    await using other = await FakeRegistry.start();
    const descriptor = { ...layer, digest: OTHER, urls: [`http://${other.host}/layer`] };
    expect((await failureOf(readAll(open().fetch(reference(), descriptor)))).code).toBe("IMAGE_NOT_FOUND");
    expect(other.requests).toHaveLength(0);
  });

  test("an abort in the middle rejects with its own reason", async () => {
    registry.script(isBlob, stall(BYTES, 1000));
    const controller = new AbortController();
    const reason = new Error("enough");
    const iterator = open().fetch(reference(), layer, { signal: controller.signal })[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });

  test("an iteration that ends early closes its connection", async () => {
    let closed: Promise<unknown> | undefined;
    registry.script(isBlob, (_, response) => {
      closed = once(response, "close");
      response.writeHead(200, { "content-length": String(BYTES.length) });
      response.write(BYTES.subarray(0, 1000));
    });
    for await (const chunk of open().fetch(reference(), layer)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await closed;
    expect(closed).toBeDefined();
  });

  test("connections are used again", async () => {
    const source = open();
    await source.resolve(reference());
    await readAll(source.fetch(reference(), manifest));
    await readAll(source.fetch(reference(), layer));
    expect(registry.connections).toBe(1);
  });
});
