import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "@jest/globals";
import { createRegistrySource } from "@voiyd/oci-registry";
import type { PullProgress } from "@voiyd/runtime-api";
import { start } from "../cli/voiyd.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { CaseImage, OCI, sha256, tarOf } from "./case-image.js";
import { MisbehavingRegistry, type Misdeed } from "./misbehaving-registry.js";

/** Of the layer that is interrupted. The long form: VOIYD_RESUME_MB=200. */
const RESUME_MB = Number(process.env["VOIYD_RESUME_MB"] ?? "48");
const MIB = 1024 * 1024;
/** Of a layer that is large enough to tell how fast the line and the store are. */
const LARGE_BYTES = 56 * MIB;
/** How long layers that ought to be asked for side by side are waited for, in milliseconds. */
const PATIENCE_MS = 30_000;

function imageOf(sizes: readonly number[]): CaseImage {
  const image = new CaseImage();
  image.layers.splice(0);
  for (const [index, size] of sizes.entries()) {
    const bytes = tarOf([[`file-${String(index)}`, randomBytes(size)]]);
    image.layers.push({ bytes, mediaType: OCI.layer, diffId: sha256(bytes), extra: {} });
  }
  return image;
}

/** Requests for each layer that has been asked for. */
function timesAsked(registry: MisbehavingRegistry): readonly number[] {
  const counts = new Map<string, number>();
  for (const { kind, url } of registry.asked)
    if (kind === "layer") counts.set(url.pathname, (counts.get(url.pathname) ?? 0) + 1);
  return [...counts.values()];
}

/** What is on its way in the buffers of two sockets is neither here nor there. */
async function untilIngested(stage: Stage, bytes: number): Promise<void> {
  for (;;) {
    const { statuses } = await stage.main.client.content.listStatuses({});
    if (statuses.some(({ offset }) => Number(offset) >= bytes)) return;
    await pause(50);
  }
}

async function endLeases(stage: Stage): Promise<void> {
  const { leases } = await stage.main.client.leases.list({});
  for (const { id } of leases) await stage.main.client.leases.delete({ id, sync: true });
}

await describeOnHost("pull, in detail", (test) => {
  test(
    `goes on after kill -9 at half of ${String(RESUME_MB)} MB, with less than 60 % of the bytes`,
    async (stage) => {
      await using registry = await MisbehavingRegistry.start();
      const image = imageOf([RESUME_MB * 1_000_000]);
      const digest = image.serve(registry, "resumed/image");
      const name = `${registry.host}/resumed/image:latest`;
      const total = image.layers[0]?.bytes.length ?? 0;
      let travelled = 0;
      let atHalf: () => void = () => undefined;
      const half = new Promise<void>((resolve) => {
        atHalf = resolve;
      });
      /** Sends piece by piece as they are taken; stops at `limit`, with the connection open. */
      const slowly =
        (limit: number): Misdeed =>
        ({ bytes, from }, response) => {
          response.writeHead(from > 0 ? 206 : 200, {
            "content-length": String(bytes.length - from),
            ...(from > 0 && {
              "content-range": `bytes ${String(from)}-${String(bytes.length - 1)}/${String(bytes.length)}`,
            }),
          });
          response.setMaxListeners(0);
          void (async () => {
            for (let position = from; position < Math.min(bytes.length, limit); position += MIB / 4) {
              const piece = bytes.subarray(position, Math.min(position + MIB / 4, limit));
              travelled += piece.length;
              if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
              if (response.destroyed) return;
            }
            if (limit >= bytes.length) response.end();
            else atHalf();
          })();
        };
      registry.script("layer", slowly(Math.floor(total / 2)));
      const first = start(stage, ["pull", name]);
      await half;
      await untilIngested(stage, Math.floor(total / 2) - 4 * MIB);
      first.signal("SIGKILL");
      expect((await first.result).code).toBeNull();

      travelled = 0;
      registry.script("layer", slowly(total));
      const pulled = await stage.main.runtime.pullImage(name);
      expect(pulled.digest).toBe(digest);
      expect(await stage.main.runtime.verifyImage(name)).toEqual([]);
      process.stderr.write(
        `after kill -9, ${String(Math.round((travelled / total) * 100))} % of the bytes travelled\n`,
      );
      expect(travelled).toBeLessThan(total * 0.6);
      await stage.main.runtime.removeImage(name);
      await endLeases(stage);
    },
    { timeoutMs: 300_000 },
  );

  test("asks for each layer once: twice in one process, and in two at once, with another image that shares them", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = imageOf([1_000_000, 2_000_000, 100_000]);
    image.serve(registry, "shared/one");
    image.config = { author: "another" };
    image.serve(registry, "shared/two");
    const [one, two] = [`${registry.host}/shared/one:latest`, `${registry.host}/shared/two:latest`];
    const { runtime } = stage.main;
    await using other = stage.open();
    const process_ = start(stage, ["pull", "-q", two]);
    await Promise.all([
      runtime.pullImage(one),
      runtime.pullImage(two),
      runtime.pullImage(one),
      other.runtime.pullImage(two),
      process_.result.then(({ code, stderr }) => expect({ code, stderr }).toEqual({ code: 0, stderr: "" })),
    ]);
    const byDigest = new Map<string, number>();
    for (const { kind, url } of registry.asked) {
      const key = url.pathname.split("/").at(-1) ?? "";
      if (kind === "layer") byDigest.set(key, (byDigest.get(key) ?? 0) + 1);
    }
    expect([...byDigest.values()]).toEqual([1, 1, 1]);
    registry.asked.length = 0;
    await runtime.pullImage(two);
    expect(timesAsked(registry)).toEqual([]);
    for (const name of [one, two]) await runtime.removeImage(name);
  });

  test("loads at most three layers at once, and unpacks the first while the last has not come", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = imageOf([50_000, 50_000, 50_000, 50_000, 50_000, 50_000]);
    image.serve(registry, "bounded/image");
    const name = `${registry.host}/bounded/image:latest`;
    const last = image.layers.at(-1)?.bytes;
    let open = 0;
    let most = 0;
    let unpacked: () => void = () => undefined;
    const firstUnpacked = new Promise<void>((resolve) => {
      unpacked = resolve;
    });
    let together: () => void = () => undefined;
    const threeOpen = Promise.race([
      new Promise<void>((resolve) => {
        together = resolve;
      }),
      // Then the number says that they did not come.
      pause(PATIENCE_MS, undefined, { ref: false }),
    ]);
    registry.script(
      "layer",
      ({ bytes }, response, serve) => {
        open += 1;
        most = Math.max(most, open);
        if (open === 3) together();
        response.once("close", () => {
          open -= 1;
        });
        // Held back until the first layer is a snapshot: it would never come if that waited for all.
        if (last !== undefined && bytes.equals(last)) void firstUnpacked.then(serve);
        else void threeOpen.then(serve);
      },
      Number.POSITIVE_INFINITY,
    );
    const events: PullProgress[] = [];
    await stage.main.runtime.pullImage(name, {
      onProgress: (event) => {
        events.push(event);
        if (event.phase === "done" && event.kind === "layer" && event.existed !== true) unpacked();
      },
    });
    expect(most).toBe(3);

    for (const { bytes } of image.layers) {
      const own = events.filter(({ subject }) => subject === sha256(bytes));
      const phases = own.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
      expect(phases).toEqual(["downloading", "verifying", "unpacking", "done"]);
      const downloading = own.filter(({ phase }) => phase === "downloading");
      const counts = downloading.map(({ current = -1 }) => current);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(downloading.at(-1)).toMatchObject({ current: bytes.length, total: bytes.length, kind: "layer" });
    }
    await stage.main.runtime.removeImage(name);
  });

  test("begins with the lowest of large layers alone, and with the next when that is under way", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = imageOf([LARGE_BYTES, LARGE_BYTES, LARGE_BYTES]);
    image.serve(registry, "large/image");
    const name = `${registry.host}/large/image:latest`;
    const lowest = image.layers[0]?.bytes;
    let asked = 0;
    let askedBefore = 0;
    let isFirstWhole = false;
    let askedMeanwhile = 0;
    registry.script(
      "layer",
      ({ bytes }, response, serve) => {
        asked += 1;
        if (lowest === undefined || !bytes.equals(lowest)) {
          if (!isFirstWhole) askedMeanwhile += 1;
          serve();
          return;
        }
        response.once("close", () => {
          isFirstWhole = true;
        });
        // Time enough for others to be asked for, and less than it takes to find that this one does not come.
        void pause(200).then(() => {
          askedBefore = asked;
          serve();
        });
      },
      Number.POSITIVE_INFINITY,
    );
    await stage.main.runtime.pullImage(name);
    expect({ askedBefore, asked }).toEqual({ askedBefore: 1, asked: 3 });
    expect(askedMeanwhile).toBeGreaterThan(0);
    await stage.main.runtime.removeImage(name);
  });

  test("does not wait with the next of large layers for one that does not come", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = imageOf([LARGE_BYTES, LARGE_BYTES]);
    image.serve(registry, "late/image");
    const name = `${registry.host}/late/image:latest`;
    const lowest = image.layers[0]?.bytes;
    let bothAsked: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      bothAsked = resolve;
    });
    let isServed = false;
    registry.script(
      "layer",
      ({ bytes }, _response, serve) => {
        if (lowest === undefined || !bytes.equals(lowest)) bothAsked();
        // Held back until the other has been asked for: that would never be if it waited for this one.
        void both.then(() => {
          isServed = true;
          serve();
        });
      },
      Number.POSITIVE_INFINITY,
    );
    await stage.main.runtime.pullImage(name);
    expect(isServed).toBe(true);
    await stage.main.runtime.removeImage(name);
  });

  test("asks again for a layer when the daemon was killed in the middle, and is whole in the end", async (stage) => {
    await using registry = await MisbehavingRegistry.start();
    const image = imageOf([4_000_000]);
    image.serve(registry, "daemon/image");
    const name = `${registry.host}/daemon/image:latest`;
    await using source = createRegistrySource({ proxies: {} });
    await using other = stage.open({ imageSource: source });
    registry.script("layer", (_asked, _response, serve) => {
      void stage.host.restart("kill").then(serve, serve);
    });
    // The pull may fail: what has been promised is that the next one succeeds, and that nothing is half there.
    await other.runtime.pullImage(name).catch(() => undefined);
    await stage.main.runtime.pullImage(name);
    expect(await stage.main.runtime.verifyImage(name)).toEqual([]);
    await stage.main.runtime.removeImage(name);
    await endLeases(stage);
  });
});
