import { readFileSync, readdirSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { expect } from "@jest/globals";
import { createRegistrySource, dockerConfigCredentials, storeCredentials } from "@voiyd/oci-registry";
import { RUNTIME_ERROR_CODES } from "@voiyd/runtime-api";
import { start } from "../cli/voiyd.js";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { CaseImage, OCI, sha256, tarOf, type TarFile } from "./case-image.js";
import { answer, cutAt } from "./misdeeds.js";
import { MisbehavingRegistry } from "./misbehaving-registry.js";

const SECRET = "canary-5f2c-secret";
const ENCODED = Buffer.from(`ada:${SECRET}`).toString("base64");
const holdsSecret = (text: string): boolean => text.includes(SECRET) || text.includes(ENCODED);

/** The command lines and environments of all processes, as far as they can be read. */
function processList(): string {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1");
      } catch {
        return ""; // gone meanwhile
      }
    })
    .join("\n");
}

await describeOnHost("rules about registries, credentials and archives", (test) => {
  test("S1: labels of an image become labels of nothing in containerd", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publishBusybox("test/s1", {
      config: { labels: { "containerd.io/gc.root": "x", "containerd.io/restart.status": "running", mine: "canary" } },
    });
    await runtime.pullImage(reference);
    const details = await runtime.inspectImage(reference);
    const { image } = await client.images.get({ name: reference });
    expect(Object.keys(image?.labels ?? {})).toEqual([]);
    for (const digest of [details.digest, details.configDigest, ...details.layers.map((layer) => layer.digest)]) {
      const { info } = await client.content.info({ digest });
      const own = /^containerd\.io\/(?:gc\.ref\.(?:content|snapshot)\.|distribution\.source\.|uncompressed$)/;
      expect(Object.keys(info?.labels ?? {}).filter((key) => !own.test(key))).toEqual([]);
    }
    await runtime.removeImage(reference);
  });

  test("S9: forty archives that lead out of themselves are read as data, and touch nothing", async (stage) => {
    const { runtime } = stage.main;
    const canary = join(stage.directory, "canary");
    await mkdir(canary);
    await writeFile(join(canary, "file"), "untouched");
    const image = new CaseImage();
    const [config, manifest] = [image.configBytes, image.manifestBytes];
    const name = (bytes: Uint8Array): string => `blobs/${sha256(bytes).replace(":", "/")}`;
    const entry = { mediaType: OCI.manifest, digest: sha256(manifest), size: manifest.length };
    const annotations = { "io.containerd.image.name": "docker.io/test/hostile:1" };
    const honest: readonly TarFile[] = [
      ["oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
      ["index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }))],
      [name(manifest), manifest],
      [name(config), config],
      ...image.layers.map(({ bytes }): TarFile => [name(bytes), bytes]),
    ];
    const targets = [
      `${canary}/file`,
      `../../../../../../../..${canary}/file`,
      "/etc/passwd",
      "/proc/self/environ",
      "..",
      ".",
      "/",
      "index.json",
      "blobs/sha256/../../../../etc/shadow",
      name(manifest),
    ];
    const victims = honest.map(([path]) => path).filter((path) => path !== "oci-layout");
    const archives = targets.flatMap((to) =>
      victims.map((victim) => honest.map((file): TarFile => (file[0] === victim ? [victim, { to }] : file))),
    );
    expect(archives.length).toBeGreaterThanOrEqual(40);
    const bytesOf = async function* (files: readonly TarFile[]): AsyncGenerator<Uint8Array> {
      yield tarOf(files);
    };
    for (const files of archives) {
      const { code } = await refusal(runtime.loadImages(bytesOf(files)));
      expect(code).toBe("IMAGE_INVALID");
    }
    const escaping: TarFile = [`../../../../../../../../..${canary}/new`, Buffer.from("escaped")];
    await runtime.loadImages(bytesOf([...honest, escaping, [`${canary}/file`, Buffer.from("overwritten")]]));
    expect(readdirSync(canary)).toEqual(["file"]);
    expect(await readFile(join(canary, "file"), "utf8")).toBe("untouched");
    await runtime.removeImage("docker.io/test/hostile:1");
  });

  test("S10: a layer's paths and links stay inside of the container's root", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = new CaseImage();
    const archive = tarOf([
      ["etc/passwd", { to: "/etc/shadow" }],
      ["../../voiyd-s10", Buffer.from("escaped")],
    ]);
    image.layers.push({ bytes: archive, mediaType: OCI.layer, diffId: sha256(archive), extra: {} });
    image.config = { config: { Volumes: { "/../../etc": {} }, WorkingDir: "../../../..", User: "root" } };
    image.serve(registry, "s10/image");
    const reference = `${registry.host}/s10/image:latest`;
    await stage.main.runtime.pullImage(reference);
    const { code } = await refusal(
      stage.main.runtime.run({ meta: { name: "s10" }, config: { image: reference, args: ["x"], network: "none" } }),
    );
    expect(RUNTIME_ERROR_CODES).toContain(code);
    await expect(stat("/voiyd-s10")).rejects.toMatchObject({ code: "ENOENT" });
    await stage.main.runtime.delete("s10");
    await stage.main.runtime.removeImage(reference);
  });

  test("S20: credentials are in no error, log, progress, label, process list, or file that others can read", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const environment = { DOCKER_CONFIG: join(stage.directory, "docker") };
    await storeCredentials(registry.host, { kind: "password", username: "ada", password: SECRET }, { environment });
    expect((await stat(join(environment.DOCKER_CONFIG, "config.json"))).mode & 0o077).toBe(0);
    const said: string[] = [];
    const note = (...words: readonly unknown[]): void => {
      said.push(inspect(words, { depth: 20, showHidden: true }));
    };
    const logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    await using source = createRegistrySource({
      credentials: dockerConfigCredentials({ environment }),
      proxies: {},
      attempts: 1,
      logger,
    });
    await using other = stage.open({ imageSource: source, logger });
    const image = new CaseImage();
    // What a registry was told, it may tell back.
    const echo = (status: number) =>
      answer(
        status,
        {},
        JSON.stringify({ errors: [{ code: "DENIED", message: `${ENCODED} ${SECRET} Basic ${ENCODED}` }] }),
      );
    for (const [kind, misdeed] of [
      ["layer", echo(403)],
      ["layer", echo(500)],
      ["manifest", echo(404)],
      ["head", echo(401)],
      ["layer", cutAt(0)],
      ["layer", answer(302, { location: `http://ada:${SECRET}@127.0.0.1:1/?token=${SECRET}` })],
    ] as const) {
      image.serve(registry, "s20/image");
      registry.guard = ({ headers }, response) => {
        if (headers.authorization === `Basic ${ENCODED}`) return true;
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return false;
      };
      registry.script(kind, misdeed, Number.POSITIVE_INFINITY);
      await other.runtime
        .pullImage(`${registry.host}/s20/image:latest`, { onProgress: note })
        .catch((error: unknown) => {
          note(error, String(error), JSON.stringify(error));
        });
      registry.forget();
    }
    image.serve(registry, "s20/image");
    registry.guard = ({ headers }, response) => {
      note(processList());
      if (headers.authorization === `Basic ${ENCODED}`) return true;
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return false;
    };
    process.env["DOCKER_CONFIG"] = environment.DOCKER_CONFIG;
    try {
      const name = `${registry.host}/s20/image:latest`;
      const { code, stdout, stderr } = await start(stage, ["--debug", "pull", name]).result;
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
      note(stdout, stderr);
      note(await stage.main.client.images.list({}), await stage.main.runtime.inspectImage(name));
      for await (const answered of stage.main.client.content.list({}, {})) note(answered);
      await stage.main.runtime.removeImage(name);
    } finally {
      delete process.env["DOCKER_CONFIG"];
    }
    note(await stage.host.log());
    // Guards the test itself: it has heard something, and would have recognised the secret.
    expect(said.length).toBeGreaterThan(20);
    expect(holdsSecret(inspect({ authorization: `Basic ${ENCODED}` }))).toBe(true);
    expect(said.filter(holdsSecret)).toEqual([]);
    const { statuses } = await stage.main.client.content.listStatuses({});
    for (const { ref } of statuses) await stage.main.client.content.abort({ ref });
  });
});

await describeOnHost(
  "rules about decompression",
  (test) => {
    test("S7: a GiB out of a MiB fills the disk, is refused as that, and the space comes back", async (stage) => {
      await using registry = await MisbehavingRegistry.start();
      const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
      const header = tarOf([["bomb", new Uint8Array()]]).subarray(0, 512);
      header.write("10000000000", 124); // 1 GiB in octal, as the archive says
      header.write(" ".repeat(8), 148);
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        148,
      );
      // A gzip file may be several, one after the other (RFC 1952, section 2.2).
      const bytes = Buffer.concat([gzipSync(header), ...Array.from({ length: 64 }, () => zeros)]);
      expect(bytes.length).toBeLessThan(2 * 1024 * 1024);
      const image = new CaseImage();
      image.layers.push({ bytes, mediaType: `${OCI.layer}+gzip`, diffId: sha256(bytes), extra: {} });
      image.serve(registry, "s7/bomb");
      const { code } = await refusal(stage.main.runtime.pullImage(`${registry.host}/s7/bomb:latest`));
      expect(code).toBe("DISK_FULL");
      // The daemon lives, and has room again.
      const reference = await stage.publish("test/after", {
        layers: [{ files: { big: Buffer.alloc(20_000_000, "x") } }],
      });
      await stage.main.runtime.pullImage(reference);
      await stage.main.runtime.removeImage(reference);
    });
  },
  { tmpfsSizeMiB: 128 },
);
