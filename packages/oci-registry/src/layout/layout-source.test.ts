import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { OCI_INDEX, OCI_MANIFEST } from "../document/media-types.js";
import { parseReference } from "../reference/parse-reference.js";
import { failureOf, readAll } from "../testing/read-all.js";
import { createLayoutSource } from "./layout-source.js";

const CONTENT = Uint8Array.from({ length: 600_000 }, (_, position) => position % 253);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "voiyd-layout-"));
  await mkdir(join(directory, "blobs", "sha256"), { recursive: true });
  await writeFile(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function blob(bytes: Uint8Array): Promise<Descriptor> {
  const digest = digestOf(bytes);
  await writeFile(pathOf(digest), bytes);
  return { mediaType: OCI_MANIFEST, digest, size: bytes.length };
}

function pathOf(digest: string): string {
  return join(directory, "blobs", ...digest.split(":"));
}

async function index(...manifests: Descriptor[]): Promise<void> {
  await writeFile(join(directory, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
}

function named(descriptor: Descriptor, name: string, key = "org.opencontainers.image.ref.name"): Descriptor {
  return { ...descriptor, annotations: { [key]: name } };
}

describe("an image layout", () => {
  test("with one image answers to any name", async () => {
    const only = await blob(CONTENT);
    await index(only);
    expect(await createLayoutSource(directory).resolve(parseReference("anything:x"))).toEqual(only);
  });

  test("with several images answers to tag, whole name, containerd's name and digest", async () => {
    const [a, b, c] = [
      await blob(CONTENT.subarray(1)),
      await blob(CONTENT.subarray(2)),
      await blob(CONTENT.subarray(3)),
    ];
    await index(
      named(a, "v1"),
      named(b, "docker.io/library/b:v2"),
      named(c, "docker.io/library/c:v3", "io.containerd.image.name"),
    );
    const source = createLayoutSource(directory);
    expect((await source.resolve(parseReference("x:v1"))).digest).toBe(a.digest);
    expect((await source.resolve(parseReference("b:v2"))).digest).toBe(b.digest);
    expect((await source.resolve(parseReference("c:v3"))).digest).toBe(c.digest);
    expect((await source.resolve(parseReference(`x@${b.digest}`))).digest).toBe(b.digest);
    const failure = await failureOf(source.resolve(parseReference("x:none")));
    expect(failure).toMatchObject({
      code: "IMAGE_NOT_FOUND",
      details: { names: ["v1", "docker.io/library/b:v2", c.digest] },
    });
  });

  test("gives a blob's bytes, from an offset too", async () => {
    const descriptor = await blob(CONTENT);
    const source = createLayoutSource(directory);
    const reference = parseReference("x");
    expect(Buffer.from(await readAll(source.fetch(reference, descriptor))).equals(CONTENT)).toBe(true);
    expect(await readAll(source.fetch(reference, descriptor, { offset: 599_999 }))).toHaveLength(1);
  });

  test("with a changed blob is DIGEST_MISMATCH, by its bytes and by its size", async () => {
    const descriptor = await blob(CONTENT);
    await writeFile(pathOf(descriptor.digest), new Uint8Array(CONTENT.length));
    const fetch = (): Promise<Uint8Array> =>
      readAll(createLayoutSource(directory).fetch(parseReference("x"), descriptor));
    expect((await failureOf(fetch())).code).toBe("DIGEST_MISMATCH");
    await truncate(pathOf(descriptor.digest), 10);
    expect((await failureOf(fetch())).code).toBe("DIGEST_MISMATCH");
  });

  test("with a symbolic link or a folder in place of a blob is IMAGE_INVALID", async () => {
    const descriptor = await blob(CONTENT);
    const fetch = (): Promise<Uint8Array> =>
      readAll(createLayoutSource(directory).fetch(parseReference("x"), descriptor));
    await rm(pathOf(descriptor.digest));
    await symlink("/etc/hostname", pathOf(descriptor.digest));
    expect((await failureOf(fetch())).code).toBe("IMAGE_INVALID");
    await rm(pathOf(descriptor.digest));
    await mkdir(pathOf(descriptor.digest));
    expect((await failureOf(fetch())).code).toBe("IMAGE_INVALID");
  });

  test("that is missing, or has another version, is told apart", async () => {
    expect((await failureOf(createLayoutSource(join(directory, "none")).resolve(parseReference("x")))).code).toBe(
      "IMAGE_NOT_FOUND",
    );
    await writeFile(join(directory, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
    expect((await failureOf(createLayoutSource(directory).resolve(parseReference("x")))).code).toBe("IMAGE_INVALID");
  });

  test("with an index above 4 MiB is IMAGE_INVALID", async () => {
    await index();
    await truncate(join(directory, "index.json"), 5 * 1024 * 1024);
    expect((await failureOf(createLayoutSource(directory).resolve(parseReference("x")))).code).toBe("IMAGE_INVALID");
  });

  test("is not read once the signal is aborted", async () => {
    const reason = new Error("enough");
    await expect(
      createLayoutSource(directory).resolve(parseReference("x"), { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
