import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "../image/build-image.js";
import type { BuiltImage } from "../image/image-spec.js";
import { listProcesses } from "../process/process-table.js";
import { findProgram } from "../requirements/find-program.js";
import { type PrivateRegistry, startRegistry } from "./private-registry.js";
import { registryRequest } from "./registry-request.js";

const there = (await findProgram("docker-registry")) !== undefined && (await findProgram("setpriv")) !== undefined;
if (!there) console.warn("skipped, because docker-registry or setpriv is not installed");
const withRegistry = there ? describe : describe.skip;

withRegistry("a private registry", () => {
  let folder: string;
  let registry: PrivateRegistry;
  let image: BuiltImage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "voiyd-registry-"));
    registry = await startRegistry(join(folder, "registry"));
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    image = await buildImage({
      directory: join(folder, "image"),
      platforms,
      layers: [{ files: { a: "1" } }, { files: { b: "2" } }],
    });
  });
  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test("listens on loopback", () => {
    expect(registry.host).toMatch(/^127\.0\.0\.1:\d+$/u);
  });

  test("serves a pushed image by tag and by digest, with all its platforms", async () => {
    expect(await registry.push(image.directory, "library/app", "v1")).toBe(`${registry.host}/library/app:v1`);
    const get = (path: string) =>
      registryRequest(new URL(`http://${registry.host}/v2/library/app/${path}`), {
        method: "GET",
        headers: { accept: "*/*, application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" },
        accept: [200],
      });
    const index = await get("manifests/v1");
    expect(index.headers["docker-content-digest"]).toBe(image.target.digest);
    expect(index.headers["content-type"]).toBe(image.target.mediaType);
    for (const { manifest, config, layers } of image.manifests) {
      expect((await get(`manifests/${manifest.digest}`)).body.length).toBe(manifest.size);
      for (const { digest, size } of [config, ...layers]) expect((await get(`blobs/${digest}`)).body.length).toBe(size);
    }
  });

  test("takes the same image again, and another name for it", async () => {
    await registry.push(image.directory, "library/app", "v1");
    expect(await registry.push(image.directory, "other/app", "v2")).toContain("/other/app:v2");
  });

  test("keeps a log of what it was asked", async () => {
    expect(await registry.log()).toContain("/v2/library/app/manifests/v1");
  });

  test("an unknown image is the server's own words", async () => {
    const url = new URL(`http://${registry.host}/v2/nothing/manifests/v1`);
    await expect(registryRequest(url, { method: "GET", accept: [200] })).rejects.toThrow(
      /404 .*MANIFEST_UNKNOWN|404 .*NAME_UNKNOWN/u,
    );
  });

  test("two registries do not meet, and one leaves nothing when it ends", async () => {
    const other = await startRegistry(join(folder, "other"));
    expect(other.host).not.toBe(registry.host);
    await other[Symbol.asyncDispose]();
    await expect(access(join(folder, "other"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(listProcesses().filter(({ pid, state }) => pid === other.pid && state !== "Z")).toEqual([]);
  });
});
