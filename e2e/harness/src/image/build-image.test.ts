import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execute } from "../process/execute.js";
import { buildImage } from "./build-image.js";
import type { BuiltImage, ImageSpec } from "./image-spec.js";
import { blobPath } from "./layout-writer.js";
import { hostArchitecture } from "./platform.js";

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-image-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const build = (spec: Omit<ImageSpec, "directory">): Promise<BuiltImage> =>
  buildImage({ ...spec, directory: join(folder, String((count += 1))) });
const sha256 = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blob = (image: BuiltImage, digest: string): Promise<Buffer> => readFile(blobPath(image.directory, digest));
const json = async (image: BuiltImage, digest: string): Promise<unknown> =>
  JSON.parse((await blob(image, digest)).toString("utf8"));
const two = [{ files: { "a.txt": "one" } }, { files: { "b.txt": "two", "a.txt": { whiteout: true } } }] as const;

describe("buildImage", () => {
  test("every blob lies under its own digest and has the size that its descriptor says", async () => {
    const image = await build({ layers: two });
    for (const name of await readdir(join(image.directory, "blobs", "sha256"))) {
      expect(sha256(await readFile(join(image.directory, "blobs", "sha256", name)))).toBe(`sha256:${name}`);
    }
    const described = [
      image.target,
      ...image.manifests.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]),
    ];
    for (const { digest, size } of described) expect((await blob(image, digest)).length).toBe(size);
  });

  test("diff ids are the digests without compression, and chain ids follow the specification", async () => {
    const [manifest] = (await build({ layers: two })).manifests;
    const image = await build({ layers: two });
    const [lower, upper] = manifest?.layers ?? [];
    expect(lower?.diffId).toBe(sha256(gunzipSync(await blob(image, lower?.digest ?? ""))));
    expect(lower?.chainId).toBe(lower?.diffId);
    expect(upper?.chainId).toBe(sha256(Buffer.from(`${lower?.chainId} ${upper?.diffId}`)));
    expect(await json(image, manifest?.config.digest ?? "")).toMatchObject({
      rootfs: { type: "layers", diff_ids: [lower?.diffId, upper?.diffId] },
    });
  });

  test("the same specification gives the same digests", async () => {
    const [first, second] = [await build({ layers: two }), await build({ layers: two })];
    expect({ ...first, directory: "" }).toEqual({ ...second, directory: "" });
  });

  test("the index names each platform's manifest with its platform", async () => {
    const platforms = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm", variant: "v7", layers: [] },
    ];
    const image = await build({ layers: two, platforms });
    expect(await json(image, image.target.digest)).toMatchObject({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { platform: { os: "linux", architecture: "amd64" } },
        { platform: { os: "linux", architecture: "arm", variant: "v7" } },
      ],
    });
    expect(image.manifests.map(({ platform, layers }) => [platform, layers.length])).toEqual([
      ["linux/amd64", 2],
      ["linux/arm/v7", 0],
    ]);
  });

  test("the configuration is written in the words of the image specification", async () => {
    const image = await build({
      layers: [],
      config: {
        env: ["A=1"],
        cmd: ["c"],
        entrypoint: ["e"],
        user: "app:extra",
        workdir: "/w",
        labels: { l: "v" },
        stopSignal: "SIGUSR1",
        volumes: ["/data"],
        exposedPorts: ["80/tcp"],
      },
    });
    expect(await json(image, image.manifests[0]?.config.digest ?? "")).toMatchObject({
      os: "linux",
      architecture: hostArchitecture(),
      config: {
        Env: ["A=1"],
        Cmd: ["c"],
        Entrypoint: ["e"],
        User: "app:extra",
        WorkingDir: "/w",
        Labels: { l: "v" },
        StopSignal: "SIGUSR1",
        Volumes: { "/data": {} },
        ExposedPorts: { "80/tcp": {} },
      },
    });
  });

  test("Docker's media types and layers without compression can be had", async () => {
    const image = await build({ layers: two, mediaTypes: "docker", compression: "none", bareManifest: true });
    expect(image.target.mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    expect(image.manifests[0]?.config.mediaType).toBe("application/vnd.docker.container.image.v1+json");
    expect(image.manifests[0]?.layers.map(({ mediaType, digest, diffId }) => [mediaType, digest === diffId])).toEqual([
      ["application/vnd.docker.image.rootfs.diff.tar", true],
      ["application/vnd.docker.image.rootfs.diff.tar", true],
    ]);
  });

  test("whiteouts, opaque folders, hostile paths and paths that come twice are written as asked", async () => {
    const files = [
      ["dir/gone", { whiteout: true }],
      ["dir", { opaque: true }],
      ["../../outside", "x"],
      ["/rooted", "y"],
      ["twice", "1"],
      ["twice", "2"],
    ] as const;
    const image = await build({ layers: [{ files }], compression: "none" });
    const path = blobPath(image.directory, image.manifests[0]?.layers[0]?.digest ?? "");
    const { stdout } = await execute("tar", ["-P", "-tf", path]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      "dir/.wh.gone",
      "dir/.wh..wh..opq",
      "../../outside",
      "/rooted",
      "twice",
      "twice",
    ]);
  });
});
