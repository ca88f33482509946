import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { buildImage, hostArchitecture } from "@voiyd/harness";
import { timed } from "../measure/timed.js";
import { ctr } from "../peers/ctr.js";
import { findEngines } from "../peers/missing-peers.js";
import type { Scale, Scenario } from "../scenario.js";

const LAYERS = 8;
const MIB = 1024 * 1024;

export const pull: Scenario = {
  name: "pull",
  title: "pull of 500 MB in 8 layers",
  unit: "ms",
  rounds: 3,
  targets: [
    { against: "ctr images pull", atMost: 1 },
    { against: "docker pull", atMost: 0.8 },
  ],
  async open(stage, scale: Scale) {
    const layerBytes = scale.pick(Math.round(500e6 / LAYERS), MIB);
    const layers = Array.from({ length: LAYERS }, (_, index) => ({
      files: { [`layer-${index}`]: { content: randomBytes(layerBytes) } },
    }));
    const image = await buildImage({
      directory: join(stage.directory, "large-image"),
      config: { cmd: ["sh"] },
      platforms: [{ os: "linux", architecture: hostArchitecture(), layers }],
    });
    const reference = await stage.registry.push(image.directory, "bench/large", "latest");
    const { missing } = await findEngines(stage.env);
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          async sample() {
            const milliseconds = await timed(() => stage.runtime.pullImage(reference));
            await stage.runtime.removeImage(reference);
            return milliseconds;
          },
        },
        {
          name: "ctr images pull",
          role: "peer",
          async sample() {
            const milliseconds = await timed(() => ctr(stage, "images", "pull", "--plain-http", reference));
            await ctr(stage, "images", "rm", "--sync", reference);
            return milliseconds;
          },
        },
      ],
      missing,
      close: async () => undefined,
    };
  },
};
