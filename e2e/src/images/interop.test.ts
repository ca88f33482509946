import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "@jest/globals";
import { execute, findProgram, packLayout, busyboxImage } from "@voiyd/harness";
import { outputOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

const skopeoIsHere = (await findProgram("skopeo")) !== undefined;
if (!skopeoIsHere) process.stderr.write("skipped in part: exchange of images, because skopeo is not here\n");

const skopeo = async (...args: readonly string[]): Promise<string> =>
  (await execute("skopeo", ["--insecure-policy", ...args], { timeoutMs: 120_000 })).stdout;

await describeOnHost("exchange of images", (test) => {
  test("ctr runs what we pulled, loads what we saved, and we run and load what is ctr's", async (stage) => {
    const { runtime, client } = stage.main;
    const namespace = client.scope.namespace;
    const ctr = (...args: readonly string[]): Promise<string> => stage.host.ctr("--namespace", namespace, ...args);
    expect(await ctr("run", "--rm", stage.busybox, "by-ctr", "echo", "run by ctr")).toContain("run by ctr");

    const reference = await stage.publishBusybox("test/by-ctr", { config: { cmd: ["echo", "pulled by ctr"] } });
    await ctr("images", "pull", "--plain-http", reference);
    await runtime.run({ meta: { name: "by-ctr" }, config: { image: reference, network: "none" } });
    expect((await outputOf(runtime, "by-ctr")).stdout).toBe("pulled by ctr\n");
    await runtime.delete("by-ctr");

    const saved = join(stage.directory, "saved.tar");
    await pipeline(runtime.saveImages([reference]), createWriteStream(saved));
    await runtime.removeImage(reference);
    expect(await ctr("images", "import", saved)).toContain(reference);
    await runtime.removeImage(reference);

    const layout = await busyboxImage(join(stage.directory, "layout-for-ctr"), {
      reference: "docker.io/test/layout:1",
    });
    const packed = join(stage.directory, "layout.tar");
    await packLayout(layout.directory, packed);
    expect((await runtime.loadImages(createReadStream(packed))).map(({ name }) => name)).toEqual([
      "docker.io/test/layout:1",
    ]);
    const exported = join(stage.directory, "exported.tar");
    await ctr("images", "export", exported, "docker.io/test/layout:1");
    await runtime.removeImage("docker.io/test/layout:1");
    await runtime.loadImages(createReadStream(exported));
    expect(await runtime.verifyImage("docker.io/test/layout:1")).toEqual([]);
    await runtime.removeImage("docker.io/test/layout:1");
  });

  if (!skopeoIsHere) return;

  test("skopeo takes what we save and push, and we load what it writes", async (stage) => {
    const { runtime } = stage.main;
    const folder = join(stage.directory, "skopeo");
    await mkdir(folder);
    const at = (name: string): string => join(folder, name);
    const config = async (source: string): Promise<unknown> =>
      JSON.parse(await skopeo("inspect", "--config", "--tls-verify=false", source));
    const original = await config(`docker://${stage.busybox}`);

    await pipeline(runtime.saveImages([stage.busybox]), createWriteStream(at("ours.tar")));
    expect(await config(`oci-archive:${at("ours.tar")}:latest`)).toEqual(original);
    expect(await config(`docker-archive:${at("ours.tar")}:${stage.busybox}`)).toEqual(original);
    const target = `${stage.registry.host}/skopeo/pushed:v1`;
    await runtime.pushImage(stage.busybox, { target });
    expect(await config(`docker://${target}`)).toEqual(original);

    for (const [format, name] of [
      ["docker-archive", "docker.io/skopeo/docker:1"],
      ["oci-archive", "docker.io/skopeo/oci:1"],
    ] as const) {
      const file = at(`${format}.tar`);
      await skopeo("copy", "--src-tls-verify=false", `docker://${stage.busybox}`, `${format}:${file}:${name}`);
      expect((await runtime.loadImages(createReadStream(file))).map((image) => image.name)).toEqual([name]);
      await runtime.run({ meta: { name: "loaded" }, config: { image: name, args: ["echo", format], network: "none" } });
      expect((await outputOf(runtime, "loaded")).stdout).toBe(`${format}\n`);
      await runtime.delete("loaded");
      await runtime.removeImage(name);
    }
  });
});
