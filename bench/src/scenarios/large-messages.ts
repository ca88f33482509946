import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { isContainerdError } from "@voiyd/containerd-client";
import {
  Containers,
  CreateContainerRequestSchema,
  GetContainerRequestSchema,
} from "@voiyd/containerd-client/api/containerd/services/containers/v1/containers";
import { timed } from "../measure/timed.js";
import { BareConnection } from "../peers/bare-connection.js";
import { connectNodeTransport } from "../peers/connect-node.js";
import { GrpcJsConnection } from "../peers/grpc-js.js";
import type { Scenario } from "../scenario.js";

const NAMESPACE = "bench-large";
const ID = "large";
/** As much of containerd's 16 MiB as leaves room for what is around it. */
const BYTES = 16 * 1024 * 1024 - 4096;
const CREATE = "/containerd.services.containers.v1.Containers/Create";
const GET = "/containerd.services.containers.v1.Containers/Get";

/** The container exists: its creation is refused once it has been read, and nothing is written. */
async function refused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    return;
  }
  throw new Error("the same container could be created twice");
}

export const largeMessages: Scenario = {
  name: "large-messages",
  title: "a message of 16 MiB out, and one of 16 MiB back",
  unit: "ms",
  rounds: 15,
  targets: [],
  async open(stage) {
    const { address } = stage.host;
    const client = stage.client.with({ namespace: NAMESPACE });
    const container = {
      id: ID,
      image: "none",
      runtime: { name: "io.containerd.runc.v2" },
      spec: { typeUrl: "bytes", value: new Uint8Array(BYTES).fill(7) },
    };
    await client.containers.create({ container });
    const bare = new BareConnection(address, NAMESPACE);
    const grpcJs = new GrpcJsConnection(address, NAMESPACE);
    const generic = createClient(Containers, connectNodeTransport(address, NAMESPACE));
    const out = toBinary(CreateContainerRequestSchema, create(CreateContainerRequestSchema, { container }));
    const ask = toBinary(GetContainerRequestSchema, create(GetContainerRequestSchema, { id: ID }));
    const raw = (call: BareConnection["call"]): Promise<number> =>
      timed(async () => {
        await refused(call(CREATE, out));
        await call(GET, ask);
      });
    const typed = (containers: Pick<typeof client.containers, "create" | "get">): Promise<number> =>
      timed(async () => {
        await refused(containers.create({ container }));
        await containers.get({ id: ID });
      });
    return {
      contenders: [
        { name: "voiyd", role: "ours", sample: () => typed(client.containers) },
        { name: "node:http2", role: "floor", sample: () => raw((path, message) => bare.call(path, message)) },
        { name: "@grpc/grpc-js", role: "peer", sample: () => raw((path, message) => grpcJs.call(path, message)) },
        { name: "@connectrpc/connect-node", role: "peer", sample: () => typed(generic) },
      ],
      missing: [],
      close: async () => {
        bare.close();
        grpcJs.close();
        await client.containers.delete({ id: ID }).catch((error: unknown) => {
          if (!isContainerdError(error, "not_found")) throw error;
        });
      },
    };
  },
};
