import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { digestOf } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { OCI_MANIFEST } from "../document/media-types.js";
import { parseReference } from "../reference/parse-reference.js";
import type { BlobContent, Registry } from "../source/registry.js";
import { FakeRegistry } from "../testing/fake-registry.js";
import { reset, status } from "../testing/faults.js";
import { failureOf } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { createRegistrySource } from "./registry-source.js";

const BYTES = randomBytes(300_000);
const BLOB: Descriptor = { mediaType: "application/x", digest: digestOf(BYTES), size: BYTES.length };
const CONTENT: BlobContent = {
  open: async function* (offset) {
    for (let position = offset; position < BYTES.length; position += 50_000)
      yield BYTES.subarray(position, position + 50_000);
  },
};

let registry: FakeRegistry;
let source: Registry;
beforeEach(async () => {
  registry = await FakeRegistry.start();
  source = createRegistrySource({ clock: new TestClock(), random: () => 0, proxies: {} });
});
afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const image = () => parseReference(`${registry.host}/team/app:v1`);
/** By its digest: comparing 300 000 numbers takes a second. */
const stored = () => digestOf(registry.stored(`/v2/team/app/blobs/${BLOB.digest}`) ?? new Uint8Array());
const requests = () => registry.requests.map(({ method }) => method);

describe("a blob that is pushed", () => {
  test("goes up in one request", async () => {
    const sent: number[] = [];
    expect(await source.pushBlob(image(), BLOB, CONTENT, { onBytes: (bytes) => sent.push(bytes) })).toBe("uploaded");
    expect(stored()).toBe(BLOB.digest);
    expect(requests()).toEqual(["HEAD", "POST", "PUT"]);
    expect(sent.at(-1)).toBe(BYTES.length);
  });

  test("goes up in pieces where a proxy limits bodies", async () => {
    await source.pushBlob(image(), BLOB, CONTENT, { chunkBytes: 120_000 });
    expect(stored()).toBe(BLOB.digest);
    expect(
      registry.requests.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["content-range"]),
    ).toEqual(["0-119999", "120000-239999", "240000-299999"]);
  });

  test("is not sent when it is there", async () => {
    registry.blob("team/app", BYTES);
    expect(await source.pushBlob(image(), BLOB, CONTENT)).toBe("existed");
    expect(requests()).toEqual(["HEAD"]);
  });

  test("is mounted from a repository that has it", async () => {
    registry.blob("team/base", BYTES);
    expect(await source.pushBlob(image(), BLOB, CONTENT, { mountFrom: ["team/none", "team/base"] })).toBe("mounted");
    expect(stored()).toBe(BLOB.digest);
  });

  test("is uploaded where the registry does not mount, without asking for a second upload", async () => {
    registry.blob("team/base", BYTES);
    registry.mounts = false;
    expect(await source.pushBlob(image(), BLOB, CONTENT, { mountFrom: ["team/base"] })).toBe("uploaded");
    expect(requests()).toEqual(["HEAD", "POST", "PUT"]);
  });

  test("goes on where the connection broke between two pieces", async () => {
    registry.script(
      ({ method, headers }) => method === "PATCH" && headers["content-range"]?.startsWith("120000") === true,
      reset,
    );
    await source.pushBlob(image(), BLOB, CONTENT, { chunkBytes: 120_000 });
    expect(stored()).toBe(BLOB.digest);
    expect(registry.count("GET", "/uploads/")).toBe(1);
  });

  test("is begun anew when the registry forgot the upload", async () => {
    registry.script(({ method }) => method === "PUT", reset);
    registry.script(({ method }) => method === "GET", status(404));
    await source.pushBlob(image(), BLOB, CONTENT);
    expect(stored()).toBe(BLOB.digest);
    expect(registry.count("POST", "/uploads/")).toBe(2);
  });

  test("is begun anew after a 500 to the whole of it", async () => {
    registry.script(({ method }) => method === "PUT", status(500));
    await source.pushBlob(image(), BLOB, CONTENT);
    expect(stored()).toBe(BLOB.digest);
  });

  test("is refused with the registry's words when we may not write", async () => {
    registry.script(
      ({ method }) => method === "POST",
      status(403, {}, JSON.stringify({ errors: [{ code: "DENIED", message: "read only" }] })),
    );
    const failure = await failureOf(source.pushBlob(image(), BLOB, CONTENT));
    expect(failure.code).toBe("REGISTRY_UNAUTHORIZED");
    expect(failure.message).toContain("DENIED read only");
    expect(failure.hint).toContain("write");
  });

  test("that is not what its digest says is refused by the registry", async () => {
    const wrong = { ...BLOB, digest: digestOf(new Uint8Array(3)) };
    expect((await failureOf(source.pushBlob(image(), wrong, CONTENT))).code).toBe("REGISTRY_ERROR");
  });

  test("asks for the scopes of both repositories, and sends its credentials to the registry alone", async () => {
    await using other = createRegistrySource({
      clock: new TestClock(),
      proxies: {},
      credentials: () => Promise.resolve({ kind: "password", username: "ada", password: "canary-secret" }),
    });
    registry.script(
      ({ method }) => method === "POST",
      status(401, { "www-authenticate": `Bearer realm="http://${registry.host}/token",service="s"` }),
    );
    registry.script(({ url }) => url.pathname === "/token", status(200, {}, JSON.stringify({ token: "t" })));
    registry.blob("team/base", BYTES);
    await other.pushBlob(image(), BLOB, CONTENT, { mountFrom: ["team/base"] });
    const asked = registry.requests.find(({ url }) => url.pathname === "/token");
    expect(asked?.url.searchParams.getAll("scope")).toEqual([
      "repository:team/app:pull,push",
      "repository:team/base:pull",
    ]);
  });

  test("loses its credentials when the upload goes on at another server", async () => {
    const other = await FakeRegistry.start();
    try {
      registry.script(
        ({ method }) => method === "POST",
        status(202, { location: `http://${other.host}/v2/team/app/blobs/uploads/x` }),
      );
      await using authorized = createRegistrySource({
        clock: new TestClock(),
        proxies: {},
        credentials: () => Promise.resolve({ kind: "password", username: "ada", password: "canary-secret" }),
      });
      registry.script(({ method }) => method === "HEAD", status(401, { "www-authenticate": "Basic" }));
      await authorized.pushBlob(image(), BLOB, CONTENT);
      expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
      expect(registry.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test("stops with the caller's reason", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const content: BlobContent = {
      open: async function* () {
        yield BYTES.subarray(0, 10);
        abort.abort(reason);
        yield BYTES.subarray(10);
      },
    };
    await expect(source.pushBlob(image(), BLOB, content, { signal: abort.signal })).rejects.toBe(reason);
  });

  test("fails with what its source failed with", async () => {
    const broken = new Error("the disk is gone");
    const content: BlobContent = {
      open: async function* () {
        yield BYTES.subarray(0, 10);
        throw broken;
      },
    };
    await expect(source.pushBlob(image(), BLOB, content)).rejects.toBe(broken);
  });
});

describe("a manifest that is pushed", () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ schemaVersion: 2, config: BLOB, layers: [] }));
  const descriptor = { mediaType: OCI_MANIFEST, digest: digestOf(bytes), size: bytes.length };

  test("can be resolved by its tag afterwards", async () => {
    await source.pushManifest(image(), descriptor, bytes);
    expect(await source.resolve(image())).toEqual(descriptor);
  });

  test("without a tag goes under its digest", async () => {
    await source.pushManifest(parseReference(`${registry.host}/team/app@${descriptor.digest}`), descriptor, bytes);
    expect(registry.requests.at(-1)?.url.pathname).toBe(`/v2/team/app/manifests/${descriptor.digest}`);
  });

  test("that the registry calls by another digest is an error", async () => {
    registry.script(
      ({ method }) => method === "PUT",
      status(201, { "docker-content-digest": digestOf(new Uint8Array(1)) }),
    );
    expect((await failureOf(source.pushManifest(image(), descriptor, bytes))).code).toBe("DIGEST_MISMATCH");
  });
});

describe("tags", () => {
  const page = (tags: readonly unknown[], link?: string) =>
    status(200, link === undefined ? {} : { link }, JSON.stringify({ name: "team/app", tags }));
  const all = async (): Promise<string[]> => {
    const tags: string[] = [];
    for await (const tag of source.tags(image())) tags.push(tag);
    return tags;
  };

  test("are listed over all pages", async () => {
    registry.script(() => true, page(["a", "b"], '</v2/team/app/tags/list?n=2&last=b>; rel="next"'));
    registry.script(() => true, page(["c"]));
    expect(await all()).toEqual(["a", "b", "c"]);
    expect(registry.requests.at(-1)?.url.search).toBe("?n=2&last=b");
  });

  test("of a repository without any are none", async () => {
    registry.script(() => true, status(200, {}, '{"tags":null}'));
    expect(await all()).toEqual([]);
  });

  test.each([
    ["hold something that is no tag", page(["../x"]), "REGISTRY_ERROR"],
    ["go on at another server", page(["a"], '<http://elsewhere.example/next>; rel="next"'), "REGISTRY_ERROR"],
    ["are of no repository", status(404), "IMAGE_NOT_FOUND"],
    ["are no JSON", status(200, {}, "<html>"), "IMAGE_INVALID"],
  ])("that %s are an error", async (_, fault, code) => {
    registry.script(() => true, fault);
    expect((await failureOf(all())).code).toBe(code);
  });
});

describe("referrers", () => {
  const digest = BLOB.digest;
  const index = (manifests: readonly object[]) =>
    JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
  const signature = { mediaType: OCI_MANIFEST, digest, size: 3, artifactType: "application/x.signature" };
  const sbom = { ...signature, artifactType: "application/x.sbom" };

  test("come from the API, filtered here where the registry does not", async () => {
    registry.script(() => true, status(200, {}, index([signature, sbom])));
    expect(await source.referrers(image(), digest, { artifactType: "application/x.sbom" })).toEqual([sbom]);
    expect(registry.requests[0]?.url.href).toContain(`/referrers/${digest}?artifactType=`);
  });

  test("come from the tag that stands in for the API", async () => {
    registry.script(
      ({ url }) => url.pathname.endsWith(`/manifests/${digest.replace(":", "-")}`),
      status(200, {}, index([signature])),
    );
    expect(await source.referrers(image(), digest)).toEqual([signature]);
  });

  test("that nobody knows are none", async () => {
    expect(await source.referrers(image(), digest)).toEqual([]);
  });
});
