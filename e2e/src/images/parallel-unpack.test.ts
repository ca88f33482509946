import { expect } from "@jest/globals";
import { buildImage } from "@voiyd/harness";
import { join } from "node:path";
import { busyboxMount } from "../fixture/bare-image.js";
import { outputOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { MisbehavingRegistry } from "./misbehaving-registry.js";
import { canRebase } from "./daemon-plugins.js";

await describeOnHost("unpacking layers side by side", (test) => {
  test("the upper ones do not wait for the lowest, and what they hide stays hidden", async (stage) => {
    const { runtime } = stage.main;
    const image = await buildImage({
      directory: join(stage.directory, "stacked"),
      layers: [
        {
          files: {
            proc: { directory: true },
            sys: { directory: true },
            dev: { directory: true },
            gone: "below",
            changed: "below",
            kept: "below",
            folder: { directory: true },
            "folder/below": "below",
          },
        },
        { files: { ".wh.gone": "", changed: "above" } },
        { files: { folder: { directory: true }, "folder/.wh..wh..opq": "", "folder/above": "above" } },
        { files: { last: "above" } },
      ],
    });
    await using registry = await MisbehavingRegistry.start();
    await registry.serve("stacked/image", image);
    const apart = await canRebase(stage);
    if (!apart) process.stderr.write("skipped in part: layers side by side, because this containerd cannot rebase\n");
    const [lowest] = image.manifests[0]?.layers ?? [];
    let release: () => void = () => undefined;
    const upperUnpacked = new Promise<void>((resolve) => {
      release = resolve;
    });
    registry.script(
      "layer",
      ({ url }, _response, serve) => {
        if (apart && url.pathname.endsWith(lowest?.digest ?? "?")) void upperUnpacked.then(serve);
        else serve();
      },
      Number.POSITIVE_INFINITY,
    );
    const name = `${registry.host}/stacked/image:latest`;
    // The lowest comes only when an upper one is being unpacked: it would never come, if that waited for it.
    await runtime.pullImage(name, {
      onProgress: ({ phase, subject }) => {
        if (phase === "unpacking" && subject !== lowest?.digest) release();
      },
    });
    expect(await runtime.verifyImage(name)).toEqual([]);
    const script = "/busybox ls / folder; /busybox cat changed kept folder/above last";
    await runtime.run({
      meta: { name: "stacked" },
      config: { image: name, args: ["/busybox", "sh", "-c", script], mounts: [await busyboxMount()], network: "none" },
    });
    const { stdout } = await outputOf(runtime, "stacked");
    expect(stdout.endsWith("abovebelowaboveabove")).toBe(true);
    expect(stdout).toContain("\nfolder:\nabove\n");
    expect(stdout.split("\n")).not.toContain("gone");
    await runtime.delete("stacked");
    await runtime.removeImage(name);
  });
});
