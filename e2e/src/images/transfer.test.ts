import { expect } from "@jest/globals";
import type { PullProgress } from "@voiyd/runtime-api";
import type { ContainerdRuntimeOptions } from "@voiyd/runtime-containerd";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { CaseImage } from "./case-image.js";
import { hasTransfer } from "./daemon-plugins.js";
import { answer } from "./misdeeds.js";
import { MisbehavingRegistry } from "./misbehaving-registry.js";

const SECRET = "canary-7d3e-secret";
const ENCODED = Buffer.from(`ada:${SECRET}`).toString("base64");
const credentials = () => Promise.resolve({ kind: "password", username: "ada", password: SECRET } as const);

/** Whether this daemon can be asked to pull; says so where it cannot. */
async function offered(stage: Stage, what: string): Promise<boolean> {
  const found = await hasTransfer(stage);
  if (!found) process.stderr.write(`skipped: ${what}, because this containerd has no transfer service\n`);
  return found;
}

const byDaemon = (stage: Stage, options: ContainerdRuntimeOptions = {}) =>
  stage.open({ pullBackend: "transfer", ...options });

await describeOnHost("pull by the daemon's transfer service", (test) => {
  test("auto pulls with every containerd; transfer is refused where there is none", async (stage) => {
    const reference = await stage.publishBusybox("test/auto", { config: { cmd: ["echo", "auto"] } });
    await using auto = stage.open({ pullBackend: "auto" });
    await auto.runtime.pullImage(reference);
    expect(await auto.runtime.verifyImage(reference)).toEqual([]);
    await auto.runtime.removeImage(reference);
    if (await hasTransfer(stage)) return;
    await using transfer = byDaemon(stage);
    expect(await refusal(transfer.runtime.pullImage(reference))).toMatchObject({
      code: "UNIMPLEMENTED",
      hint: expect.stringContaining("this client"),
    });
  });

  test("an image comes as it does by us: verified, unpacked, protected, with progress of every layer", async (stage) => {
    if (!(await offered(stage, "a pull by the daemon"))) return;
    await using registry = await MisbehavingRegistry.start();
    const image = new CaseImage();
    const digest = image.serve(registry, "transfer/image");
    const name = `${registry.host}/transfer/image:latest`;
    await using transfer = byDaemon(stage);
    const events: PullProgress[] = [];
    const pulled = await transfer.runtime.pullImage(name, { onProgress: (event) => events.push(event) });
    expect(pulled.digest).toBe(digest);
    // Not we have asked for it.
    expect(registry.asked.map(({ headers }) => headers["user-agent"] ?? "").join()).not.toContain("voiyd");
    expect(await transfer.runtime.verifyImage(name)).toEqual([]);
    for (const { digest: layer } of (await transfer.runtime.inspectImage(name)).layers)
      expect(events.filter(({ subject }) => subject === layer).at(-1)).toMatchObject({ kind: "layer", phase: "done" });
    expect(events.at(-1)).toEqual({ phase: "done", kind: "image", subject: name });
    const { leases } = await stage.main.client.leases.list({});
    expect(leases.filter(({ id }) => id.startsWith("voiyd/pull/"))).toEqual([]);

    const busybox = await stage.publishBusybox("test/by-daemon", { config: { cmd: ["echo", "by the daemon"] } });
    await transfer.runtime.pullImage(busybox);
    await transfer.runtime.run({ meta: { name: "by-daemon" }, config: { image: busybox, network: "none" } });
    expect((await outputOf(transfer.runtime, "by-daemon")).stdout).toBe("by the daemon\n");
    await transfer.runtime.delete("by-daemon");
    for (const reference of [name, busybox]) await transfer.runtime.removeImage(reference);
  });

  test("what the daemon does not unpack, we do", async (stage) => {
    if (!(await offered(stage, "a pull by the daemon for another snapshotter"))) return;
    const reference = await stage.publishBusybox("test/native", { config: { cmd: ["echo", "native"] } });
    await using transfer = byDaemon(stage, { snapshotter: "native" });
    await transfer.runtime.pullImage(reference);
    expect(await transfer.runtime.verifyImage(reference)).toEqual([]);
    await transfer.runtime.removeImage(reference);
  });

  test("the daemon asks us for credentials, and keeps them to itself", async (stage) => {
    if (!(await offered(stage, "credentials for the daemon"))) return;
    await using registry = await MisbehavingRegistry.start();
    new CaseImage().serve(registry, "transfer/secret");
    registry.guard = ({ headers }, response) => {
      if (headers.authorization === `Basic ${ENCODED}`) return true;
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"', "content-length": "0" }).end();
      return false;
    };
    const name = `${registry.host}/transfer/secret:latest`;
    await using nobody = byDaemon(stage);
    expect(await refusal(nobody.runtime.pullImage(name))).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
    await using broken = byDaemon(stage, {
      transfer: { credentials: () => Promise.reject(new Error("the key chain is locked")) },
    });
    await expect(broken.runtime.pullImage(name)).rejects.toThrow("the key chain is locked");
    await using ada = byDaemon(stage, { transfer: { credentials } });
    await ada.runtime.pullImage(name);
    await ada.runtime.removeImage(name);
    const log = await stage.host.log();
    expect([log.includes(SECRET), log.includes(ENCODED)]).toEqual([false, false]);
  });

  test("failures have the codes that ours have, and leave no image", async (stage) => {
    if (!(await offered(stage, "failures of a pull by the daemon"))) return;
    await using registry = await MisbehavingRegistry.start();
    await using transfer = byDaemon(stage);
    const name = `${registry.host}/transfer/fails:latest`;
    const always = Number.POSITIVE_INFINITY;
    const cases: readonly (readonly [string, (image: CaseImage) => void])[] = [
      ["IMAGE_NOT_FOUND", () => registry.script("any", answer(404), always)],
      ["REGISTRY_ERROR", () => registry.script("any", answer(500), always)],
      [
        "DIGEST_MISMATCH",
        (image) => {
          for (const layer of image.layers) layer.diffId = `sha256:${"0".repeat(64)}`;
        },
      ],
      [
        "IMAGE_PLATFORM_MISMATCH",
        (image) => {
          image.config = { architecture: "s390x" };
        },
      ],
    ];
    const outcomes: string[] = [];
    for (const [, arrange] of cases) {
      const image = new CaseImage();
      arrange(image);
      image.serve(registry, "transfer/fails");
      outcomes.push((await refusal(transfer.runtime.pullImage(name))).code);
      registry.forget();
    }
    expect(outcomes).toEqual(cases.map(([code]) => code));
    expect((await transfer.runtime.listImages()).map((image) => image.name)).not.toContain(name);
  });

  test("an abort ends the daemon's work", async (stage) => {
    if (!(await offered(stage, "abort of a pull by the daemon"))) return;
    await using registry = await MisbehavingRegistry.start();
    new CaseImage().serve(registry, "transfer/aborted");
    const stop = new AbortController();
    const reason = new Error("enough");
    registry.script(
      "layer",
      () => {
        stop.abort(reason);
      },
      Number.POSITIVE_INFINITY,
    );
    await using transfer = byDaemon(stage);
    const name = `${registry.host}/transfer/aborted:latest`;
    await expect(transfer.runtime.pullImage(name, { signal: stop.signal })).rejects.toBe(reason);
    for (const { ref } of (await stage.main.client.content.listStatuses({})).statuses)
      await stage.main.client.content.abort({ ref });
  });
});
