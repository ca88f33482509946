import { existsSync } from "node:fs";
import { expect } from "@jest/globals";
import { type Clock, createRegistrySource } from "@voiyd/oci-registry";
import { isRuntimeError } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { CaseImage } from "./case-image.js";
import { MisbehavingRegistry } from "./misbehaving-registry.js";
import { REGISTRY_CASES } from "./registry-cases/all-cases.js";
import type { CaseStage, RegistryCase } from "./registry-cases/registry-case.js";

/** Waits between attempts are not waited for. */
const clock: Clock = { now: () => Date.now(), sleep: (_ms, signal) => Promise.resolve(signal?.throwIfAborted()) };

/** What there is in containerd, apart from ingests: of those a part may stay, to be resumed. */
async function contents(stage: Stage): Promise<readonly string[]> {
  const { client } = stage.main;
  const found: string[] = [];
  for await (const { info } of client.content.list({}, {})) for (const { digest } of info) found.push(`blob ${digest}`);
  for await (const { info } of client.snapshots.list({ snapshotter: stage.host.snapshotter }, {}))
    for (const { name } of info) found.push(`snapshot ${name}`);
  for (const { id } of (await client.leases.list({})).leases) found.push(`lease ${id}`);
  for (const { name } of (await client.images.list({})).images) found.push(`image ${name}`);
  return found.sort();
}

async function run(
  stage: Stage,
  servers: Pick<CaseStage, "registry" | "other">,
  item: RegistryCase,
  index: number,
): Promise<string> {
  const { registry, other } = servers;
  const image = new CaseImage();
  const repository = `case/${String(index)}`;
  let digest: string | undefined;
  const scene: CaseStage = {
    registry,
    other,
    image,
    repository,
    serve: () => (digest = image.serve(registry, repository)),
  };
  item.arrange?.(scene);
  if (digest === undefined) scene.serve();
  await using source = createRegistrySource({ clock, proxies: {}, ...item.options?.(scene) });
  await using other_ = stage.open({ imageSource: source });
  const { runtime } = other_;
  const name = `${registry.host}/${repository}${item.byDigest === true ? `@${String(digest)}` : ":latest"}`;
  try {
    const pulled = await runtime.pullImage(name);
    const problems = await runtime.verifyImage(name);
    await runtime.removeImage(name);
    if (pulled.digest !== digest) return `another digest: ${pulled.digest}`;
    if (problems.length > 0) return `not whole: ${JSON.stringify(problems)}`;
    item.check?.(scene);
    return "right";
  } catch (error) {
    if (!isRuntimeError(error)) return `an error that is not typed: ${String(error)}`;
    item.check?.(scene);
    return error.code;
  } finally {
    for (const { ref } of (await stage.main.client.content.listStatuses({})).statuses)
      await stage.main.client.content.abort({ ref });
    for (const server of [registry, other]) server.forget();
  }
}

await describeOnHost("a registry that misbehaves", (test) => {
  test(
    "ends in the right image or in the right error, and leaves nothing",
    async (stage) => {
      expect(REGISTRY_CASES.length).toBeGreaterThanOrEqual(60);
      await using registry = await MisbehavingRegistry.start();
      await using other = await MisbehavingRegistry.start();
      const before = await contents(stage);
      const outcomes: string[] = [];
      for (const [index, item] of REGISTRY_CASES.entries()) {
        outcomes.push(`${item.name}: ${await run(stage, { registry, other }, item, index)}`);
        const left = (await contents(stage)).filter((one) => !before.includes(one));
        if (left.length > 0) outcomes.push(`${item.name} left ${left.join(", ")}`);
      }
      expect(outcomes).toEqual(REGISTRY_CASES.map(({ name, outcome }) => `${name}: ${outcome}`));
      expect(existsSync("/voiyd-escaped")).toBe(false);
      expect(new Set(REGISTRY_CASES.map(({ name }) => name)).size).toBe(REGISTRY_CASES.length);
      process.stderr.write(`a registry that misbehaves: ${String(REGISTRY_CASES.length)} named cases\n`);
    },
    { timeoutMs: 600_000 },
  );
});
