import { create, toBinary } from "@bufbuild/protobuf";
import { ListContainersRequestSchema } from "@voiyd/containerd-client/api/containerd/services/containers/v1/containers";
import { generateId } from "@voiyd/runtime-api";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import { timed } from "../measure/timed.js";
import { BareConnection } from "../peers/bare-connection.js";
import { runProgram } from "../peers/program.js";
import type { Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const NAMESPACE = "bench-list";
const LIST = "/containerd.services.containers.v1.Containers/List";

/** Makes records of containers as a run leaves them: one real container's, under other names. */
async function fillNamespace(stage: Stage, count: number): Promise<string[]> {
  const model = await stage.runtime.run({
    meta: { name: "list-model" },
    config: { image: stage.busybox, args: ["true"], network: "none" },
  });
  // With its exit on record, as it is for whatever has ended.
  await stage.runtime.wait(model.status.id);
  const { container } = await stage.client.containers.get({ id: model.status.id });
  await stage.runtime.delete(model.status.id);
  if (container === undefined) throw new Error("the model container has no record");
  const { containers } = stage.client.with({ namespace: NAMESPACE });
  const ids = Array.from({ length: count }, () => String(generateId()));
  for (const [index, id] of ids.entries()) {
    const labels = Object.fromEntries(
      Object.entries(container.labels).map(([key, value]) => [key, value === "list-model" ? `list-${index}` : value]),
    );
    await containers.create({ container: { ...container, id, labels, snapshotKey: id } });
  }
  return ids;
}

export const listThousand: Scenario = {
  name: "list",
  title: "a list of 1,000 containers",
  unit: "ms",
  rounds: 15,
  warmUp: 10,
  targets: [{ against: "ctr containers ls", atMost: 0.7 }],
  async open(stage: Stage, scale: Scale) {
    const count = scale.pick(1000, 5);
    const ids = await fillNamespace(stage, count);
    const client = stage.client.with({ namespace: NAMESPACE });
    const runtime = createContainerdRuntime(client, stage.network, {
      logDirFmt: stage.host.logDirFmt,
      stateDir: stage.host.stateDir,
    });
    const bare = new BareConnection(stage.host.address, NAMESPACE);
    const all = toBinary(ListContainersRequestSchema, create(ListContainersRequestSchema));
    const { missing } = await stage.engines();
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          sample: () =>
            timed(async () => {
              const listed = await runtime.list();
              if (listed.length !== count) throw new Error(`${listed.length} of ${count} containers are listed`);
            }),
        },
        {
          name: "ctr containers ls",
          role: "peer",
          sample: () =>
            timed(() =>
              runProgram("ctr", ["--address", stage.host.address, "--namespace", NAMESPACE, "containers", "ls"], stage),
            ),
        },
        { name: "node:http2", role: "floor", sample: () => timed(() => bare.call(LIST, all)) },
      ],
      missing,
      close: async () => {
        bare.close();
        await runtime[Symbol.asyncDispose]();
        for (const id of ids) await client.containers.delete({ id });
      },
    };
  },
};
