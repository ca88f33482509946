import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import { digestOf } from "./digest/digest.js";
import { parseImageConfig } from "./document/image-config.js";
import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from "./document/limits.js";
import { parseIndex, parseManifest } from "./document/manifest.js";
import { OCI_INDEX, OCI_MANIFEST } from "./document/media-types.js";
import { parseReference } from "./reference/parse-reference.js";
import { createRegistrySource } from "./registry/registry-source.js";
import { FakeRegistry, isBlob } from "./testing/fake-registry.js";
import { status, whole } from "./testing/faults.js";
import { failureOf, readAll } from "./testing/read-all.js";
import { TestClock } from "./testing/test-clock.js";

const SECRET = "canary-9a1d-secret";
const ENCODED = Buffer.from(`ada:${SECRET}`).toString("base64");
const credentials = () => Promise.resolve({ kind: "password", username: "ada", password: SECRET } as const);

let registry: FakeRegistry;
let other: FakeRegistry;
beforeEach(async () => {
  [registry, other] = [await FakeRegistry.start(), await FakeRegistry.start()];
  registry.script(
    ({ headers }) => headers.authorization === undefined,
    status(401, { "www-authenticate": "Basic" }),
    Number.POSITIVE_INFINITY,
  );
});
afterEach(async () => {
  for (const server of [registry, other]) await server[Symbol.asyncDispose]();
});
const source = () => createRegistrySource({ credentials, clock: new TestClock(), proxies: {}, attempts: 2 });
const image = () => parseReference(`${registry.host}/app:v1`);

describe("rules", () => {
  test("S2: the addresses in a descriptor are never asked, whether the registry has the blob or not", async () => {
    await using client = source();
    const blob = { ...registry.blob("app", "layer"), urls: [`http://${other.host}/blob`] };
    await readAll(client.fetch(image(), blob));
    const missing = { ...blob, digest: digestOf(new Uint8Array(1)) };
    expect((await failureOf(readAll(client.fetch(image(), missing)))).code).toBe("IMAGE_NOT_FOUND");
    expect(other.requests).toEqual([]);
  });

  test.each(
    [301, 302, 303, 307, 308].flatMap((code) => [`http://OTHER/x`, `//OTHER/x`].map((to) => [code, to] as const)),
  )("S3: a redirect %s to %s loses the credentials", async (code, to) => {
    await using client = source();
    const blob = registry.blob("app", "layer");
    registry.script(isBlob, status(code, { location: to.replace("OTHER", other.host) }), 99);
    other.script(() => true, whole(new TextEncoder().encode("layer")), 99);
    await readAll(client.fetch(image(), blob));
    expect(other.requests.length).toBeGreaterThan(0);
    for (const { headers } of other.requests)
      expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
  });

  test.each([
    "https://169.254.169.254/token",
    "https://metadata.google.internal/token",
    "http://token.example/t",
    "file:///etc/passwd",
  ])("S4: a token service at %s is not asked", async (realm) => {
    await using fresh = await FakeRegistry.start();
    fresh.script(() => true, status(401, { "www-authenticate": `Bearer realm="${realm}"` }), 99);
    await using client = source();
    const failure = await failureOf(client.resolve(parseReference(`${fresh.host}/app:v1`)));
    expect(failure.code).toBe("REGISTRY_ERROR");
    expect(fresh.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });

  test("S5: bytes are what their digest says, or an error", async () => {
    await using client = source();
    const blob = registry.blob("app", "layer");
    registry.script(isBlob, whole(new TextEncoder().encode("Layer")), 9);
    expect((await failureOf(readAll(client.fetch(image(), blob)))).code).toBe("DIGEST_MISMATCH");
  });

  test("S6: documents above their limits are refused, and little memory is taken to do so", () => {
    const before = process.memoryUsage().rss;
    const invalid = expect.objectContaining({ code: "IMAGE_INVALID" });
    for (let round = 0; round < 3; round += 1) {
      expect(() => parseManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1), OCI_MANIFEST)).toThrow(invalid);
      expect(() => parseIndex(new Uint8Array(MAX_MANIFEST_BYTES + 1), OCI_INDEX)).toThrow(invalid);
      expect(() => parseImageConfig(new Uint8Array(MAX_CONFIG_BYTES + 1))).toThrow(invalid);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  test("S6: an error of a gigabyte is read in part", async () => {
    await using client = source();
    let sent = 0;
    registry.script(({ headers, method }) => headers.authorization !== undefined && method === "HEAD", status(403), 9);
    registry.script(
      ({ headers, method }) => headers.authorization !== undefined && method === "GET",
      (_request, response) => {
        response.writeHead(403);
        const more = (): void => {
          while (sent < 2 ** 30 && !response.destroyed) {
            sent += 65_536;
            if (!response.write(Buffer.alloc(65_536, "x"))) break;
          }
        };
        response.on("drain", more);
        more();
      },
      9,
    );
    expect((await failureOf(client.resolve(image()))).message.length).toBeLessThan(2_000);
    expect(sent).toBeLessThan(2 ** 28);
  });

  test("S20: what a registry says back of our credentials is not shown", async () => {
    await using client = source();
    const words = JSON.stringify({ errors: [{ code: "DENIED", message: `${SECRET} and ${ENCODED}` }] });
    registry.script(({ headers }) => headers.authorization !== undefined, status(403, {}, words), 9);
    const failure = await failureOf(client.resolve(image()));
    const shown = inspect(failure, { depth: 20, showHidden: true });
    expect(shown).toContain("DENIED");
    expect([shown.includes(SECRET), shown.includes(ENCODED)]).toEqual([false, false]);
  });
});
