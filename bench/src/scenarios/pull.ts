import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { buildImage, hostArchitecture } from "@voiyd/harness";
import { isRuntimeError } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { timed } from "../measure/timed.js";
import { BareIngest } from "../peers/bare-ingest.js";
import { ctr } from "../peers/ctr.js";
import { runProgram } from "../peers/program.js";
import type { Contender, Contest, MissingPeer, Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const MIB = 1024 * 1024;
/** Of a gigabyte that was removed, the kernel is at the blocks for up to a second longer, with half a processor. */
const REST_MS = 2_000;

export const pull: Scenario = {
  name: "pull",
  title: "pull of 500 MB in 8 layers",
  unit: "ms",
  rounds: 5,
  restMs: REST_MS,
  targets: [
    { against: "ctr images pull", atMost: 1 },
    { against: "docker pull", atMost: 0.8 },
  ],
  open: (stage, scale: Scale) => contest(stage, "large", 8, scale.pick(Math.round(500e6 / 8), MIB)),
};

export const pullSmall: Scenario = {
  name: "pull-small",
  title: "pull of 200 small layers",
  unit: "ms",
  rounds: 3,
  restMs: REST_MS,
  targets: [],
  // An overlay of more than about 120 layers cannot be mounted by every kernel; a pull does not mount that.
  open: (stage, scale: Scale) =>
    contest(stage, "small", scale.pick(200, 5), 1024, "refuses an image of so many layers"),
};

async function contest(
  stage: Stage,
  name: string,
  count: number,
  layerBytes: number,
  refusal?: string,
): Promise<Contest> {
  const layers = Array.from({ length: count }, (_, index) => ({
    files: { [`layer-${index}`]: { content: randomBytes(layerBytes) } },
  }));
  const image = await buildImage({
    directory: join(stage.directory, `image-${name}`),
    config: { cmd: ["sh"] },
    platforms: [{ os: "linux", architecture: hostArchitecture(), layers }],
  });
  const reference = await stage.registry.push(image.directory, `bench/${name}`, "latest");
  const bare = new BareIngest(stage, image.directory, image.manifests[0]?.layers ?? []);
  const found = await stage.engines();
  const { ready, missing } =
    refusal === undefined
      ? found
      : {
          ready: [],
          missing: [...found.missing, ...found.ready.map(({ name: engine }) => ({ name: engine, why: refusal }))],
        };
  const engines = ready.map(({ name: engine, path, before, pull: options }): Contender => ({
    name: `${engine} pull`,
    role: "peer",
    async sample() {
      const milliseconds = await timed(() => runProgram(path, [...before, "pull", ...options, reference], stage));
      await runProgram(path, ["rmi", reference], stage);
      return milliseconds;
    },
  }));
  const daemon = await openByDaemon(stage);
  const byUs = (runtime: ContainerdRuntime) => async (): Promise<number> => {
    const milliseconds = await timed(() => runtime.pullImage(reference));
    await runtime.removeImage(reference);
    return milliseconds;
  };
  return {
    contenders: [
      { name: "voiyd", role: "ours", sample: byUs(stage.runtime) },
      {
        name: "the layers written and unpacked, from files",
        role: "floor",
        async sample() {
          const milliseconds = await timed(() => bare.run());
          await bare.clear();
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
      ...engines,
      ...("why" in daemon ? [] : [{ name: BY_DAEMON, role: "peer", sample: byUs(daemon) } as const]),
    ],
    missing: [...missing, ...("why" in daemon ? [daemon] : [])],
    close: async () => {
      if (!("why" in daemon)) await daemon[Symbol.asyncDispose]();
    },
  };
}

/** Who asks for it and waits; all the rest, `ctr` of containerd 2 has the daemon do as well. */
const BY_DAEMON = "voiyd, pulled by the daemon";

/** Not every containerd can; an image that is here already tells which. */
async function openByDaemon(stage: Stage): Promise<ContainerdRuntime | MissingPeer> {
  const runtime = stage.open({ pullBackend: "transfer" });
  try {
    await runtime.pullImage(stage.busybox);
    return runtime;
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    if (!isRuntimeError(error, "UNIMPLEMENTED")) throw error;
    return { name: BY_DAEMON, why: "this containerd has no Transfer service" };
  }
}
