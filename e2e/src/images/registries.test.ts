import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { execute, findProgram, startRegistry } from "@voiyd/harness";
import { createRegistrySource, hostsFromFolders, type RegistryOptions } from "@voiyd/oci-registry";
import type { PullProgress } from "@voiyd/runtime-api";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { selfSigned } from "./certificates.js";
import { startTokenService } from "./token-service.js";

const PASSWORD = "canary-secret";
/** bcrypt of it, as `htpasswd -B` writes it. */
const HTPASSWD = "ada:$2y$05$ZcqT8MZalx/QMlzmYeTTf.aKAPaJHaRtZWlmeaV/jRD6El.V5Agya\n";

const missing: string[] = [];
for (const name of ["openssl", "skopeo"]) if ((await findProgram(name)) === undefined) missing.push(name);
const has = (name: string): boolean => !missing.includes(name);
if (missing.length > 0)
  process.stderr.write(`skipped in part: registries, because ${missing.join(" and ")} is not here\n`);

const credentials =
  (password: string): RegistryOptions["credentials"] =>
  () =>
    Promise.resolve({ kind: "password", username: "ada", password });

/** Pushes the stage's image to a registry, pulls it from there, and takes it away again. */
async function thereAndBack(stage: Stage, host: string, options: RegistryOptions): Promise<void> {
  await using source = createRegistrySource({ proxies: {}, ...options });
  await using other = stage.open({ imageSource: source });
  const target = `${host}/team/app:v1`;
  const pushed = await other.runtime.pushImage(stage.busybox, { target });
  const image = await other.runtime.pullImage(target);
  expect(image.digest).toBe(pushed.digest);
  await other.runtime.removeImage(target);
}

/** As {@link thereAndBack}, with a layer that is large, and that has to come back as it is not here any more. */
async function largeThereAndBack(stage: Stage, host: string, options: RegistryOptions): Promise<void> {
  await using source = createRegistrySource({ proxies: {}, ...options });
  await using other = stage.open({ imageSource: source });
  const { runtime } = other;
  const spec = { layers: [{ files: { large: randomBytes(9_000_000) } }], config: { cmd: ["x"] } };
  const original = await stage.publish("test/large", spec);
  await runtime.pullImage(original);
  const target = `${host}/team/large:v1`;
  await runtime.pushImage(original, { target });
  await runtime.removeImage(original);
  const progress: PullProgress[] = [];
  await runtime.pullImage(target, { onProgress: (event) => progress.push(event) });
  const layer = progress.filter(({ kind, phase }) => kind === "layer" && phase === "downloading");
  expect(layer.at(-1)).toMatchObject({ current: layer.at(-1)?.total });
  expect(layer.at(-1)?.total).toBeGreaterThan(9_000_000);
  expect(await runtime.verifyImage(target)).toEqual([]);
  await runtime.removeImage(target);
}

const attempt = async (stage: Stage, name: string, options: RegistryOptions) => {
  await using source = createRegistrySource({ proxies: {}, ...options });
  await using other = stage.open({ imageSource: source });
  return await refusal(other.runtime.pullImage(name));
};

await describeOnHost("docker-registry", (test) => {
  if (has("openssl")) {
    test("with TLS and Basic authentication, its certificate and password configured", async (stage) => {
      const folder = join(stage.directory, "tls");
      await mkdir(folder);
      const { cert, key } = await selfSigned(folder, "registry");
      await writeFile(join(folder, "htpasswd"), HTPASSWD);
      await using registry = await startRegistry(join(folder, "registry"), {
        tls: { cert, key },
        htpasswd: join(folder, "htpasswd"),
      });
      const certs = join(folder, "certs.d");
      await mkdir(join(certs, registry.host), { recursive: true });
      await writeFile(
        join(certs, registry.host, "hosts.toml"),
        `server = "https://${registry.host}"\nca = "${cert}"\n`,
      );
      const hosts = hostsFromFolders({ folders: [certs] });
      await thereAndBack(stage, registry.host, { hosts, credentials: credentials(PASSWORD) });
      await largeThereAndBack(stage, registry.host, { hosts, credentials: credentials(PASSWORD) });

      const name = `${registry.host}/team/app:v1`;
      const wrong = await attempt(stage, name, { hosts, credentials: credentials("wrong") });
      expect(wrong).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
      expect(await attempt(stage, name, { hosts })).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
      await writeFile(join(certs, registry.host, "hosts.toml"), `server = "https://${registry.host}"\n`);
      expect(await attempt(stage, name, { hosts, credentials: credentials(PASSWORD) })).toMatchObject({
        code: "REGISTRY_ERROR",
        hint: expect.stringContaining("CA certificate"),
      });
      if (!has("skopeo")) return;
      const { stdout } = await execute("skopeo", [
        ...["inspect", "--tls-verify=false", "--creds", `ada:${PASSWORD}`, `docker://${name}`],
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ Name: `${registry.host}/team/app` });
    });

    test("with tokens: everybody may read, who has the password may write", async (stage) => {
      const folder = join(stage.directory, "token");
      await mkdir(folder);
      const files = await selfSigned(folder, "issuer");
      await using service = await startTokenService(files, { issuer: "voiyd-test", password: PASSWORD });
      await using registry = await startRegistry(join(folder, "registry"), {
        token: { realm: service.realm, service: "registry", issuer: "voiyd-test", certs: files.cert },
      });
      await thereAndBack(stage, registry.host, { credentials: credentials(PASSWORD) });
      expect(new Set(service.given)).toEqual(new Set(["password"]));
      await using source = createRegistrySource({ proxies: {} });
      await using other = stage.open({ imageSource: source });
      await other.runtime.pullImage(`${registry.host}/team/app:v1`);
      expect(service.given.at(-1)).toBe("anonymous");
      expect(
        await refusal(other.runtime.pushImage(stage.busybox, { target: `${registry.host}/team/no:1` })),
      ).toMatchObject({
        code: "REGISTRY_UNAUTHORIZED",
      });
      await other.runtime.removeImage(`${registry.host}/team/app:v1`);
    });
  }

  test("as a mirror of another one, by hosts.toml", async (stage) => {
    const folder = join(stage.directory, "mirror");
    await mkdir(join(folder, "certs.d/upstream.example"), { recursive: true });
    await using mirror = await startRegistry(join(folder, "registry"), { mirrorOf: `http://${stage.registry.host}` });
    await writeFile(
      join(folder, "certs.d/upstream.example/hosts.toml"),
      `[host."http://${mirror.host}"]\ncapabilities = ["pull", "resolve"]\n`,
    );
    await using source = createRegistrySource({
      proxies: {},
      hosts: hostsFromFolders({ folders: [join(folder, "certs.d")] }),
    });
    await using other = stage.open({ imageSource: source });
    const image = await other.runtime.pullImage("upstream.example/test/busybox");
    expect(image.digest).toBe((await other.runtime.getImage(stage.busybox)).digest);
    expect(await mirror.log()).toContain("ns=upstream.example");
    await other.runtime.removeImage(image.name);
  });

  test("lists tags, and takes blobs in pieces", async (stage) => {
    await using source = createRegistrySource({ proxies: {} });
    const reference = { registry: stage.registry.host, repository: "test/tags", tag: "one" };
    const bytes = Buffer.alloc(300_000, "x");
    const { createHash } = await import("node:crypto");
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const blob = { mediaType: "application/octet-stream", digest, size: bytes.length };
    const open = async function* (offset: number): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(offset);
    };
    expect(await source.pushBlob(reference, blob, { open }, { chunkBytes: 100_000 })).toBe("uploaded");
    expect(
      await source.pushBlob({ ...reference, repository: "test/mounted" }, blob, { open }, { mountFrom: ["test/tags"] }),
    ).toBe("mounted");
    for (const tag of ["one", "two"]) {
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          config: { ...blob, mediaType: "application/vnd.oci.image.config.v1+json" },
          layers: [],
        }),
      );
      const descriptor = {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: `sha256:${createHash("sha256").update(manifest).digest("hex")}`,
        size: manifest.length,
      };
      await source.pushManifest({ ...reference, tag }, descriptor, manifest);
      expect(await source.referrers(reference, descriptor.digest)).toEqual([]);
    }
    const tags: string[] = [];
    for await (const tag of source.tags(reference)) tags.push(tag);
    expect(tags.sort()).toEqual(["one", "two"]);
  });
});
