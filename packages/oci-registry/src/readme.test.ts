import { expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { DOCKER_MANIFEST, OCI_INDEX } from "./document/media-types.js";
import { hostPlatform } from "./platform/host-platform.js";
import { FakeRegistry } from "./testing/fake-registry.js";

const run = promisify(execFile);

/** Runs the built package, as a user's program would find it. */
test("the README's example prints the layers of an image", async () => {
  const example = /```js\n([^]*?)```/.exec(await readFile("README.md", "utf8"))?.[1] ?? "";
  await using registry = await FakeRegistry.start();
  const layers = [registry.blob("team/app", "one"), registry.blob("team/app", "three")];
  const config = registry.blob("team/app", "{}", "application/vnd.docker.container.image.v1+json");
  const manifest = registry.manifest("team/app", "amd64", { schemaVersion: 2, config, layers }, DOCKER_MANIFEST);
  registry.manifest(
    "team/app",
    "v1",
    { schemaVersion: 2, manifests: [{ ...manifest, platform: hostPlatform() }] },
    OCI_INDEX,
  );

  const running = run(process.execPath, ["--input-type=module", "-", `${registry.host}/team/app:v1`]);
  running.child.stdin?.end(example);
  const { stdout } = await running;

  expect(stdout).toBe(layers.map(({ digest, size }) => `${digest} ${String(size)}\n`).join(""));
});
