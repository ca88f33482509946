import { createClient } from "@connectrpc/connect";
import { Version } from "@voiyd/containerd-client/api/containerd/services/version/v1/version";
import { eachAtOnce, eachOf } from "../measure/timed.js";
import { BareConnection } from "../peers/bare-connection.js";
import { connectNodeTransport } from "../peers/connect-node.js";
import { GrpcJsConnection } from "../peers/grpc-js.js";
import type { Contender, Scale, Scenario } from "../scenario.js";
import { NAMESPACE, type Stage } from "../stage/stage.js";

const PATH = "/containerd.services.version.v1.Version/Version";
const WIDTH = 50;

type Measure = (call: () => Promise<unknown>) => Promise<number>;

function contest(stage: Stage, measure: Measure): { contenders: Contender[]; missing: []; close(): Promise<void> } {
  const { address } = stage.host;
  const bare = new BareConnection(address, NAMESPACE);
  const grpcJs = new GrpcJsConnection(address, NAMESPACE);
  const generic = createClient(Version, connectNodeTransport(address, NAMESPACE));
  const empty = new Uint8Array();
  return {
    contenders: [
      { name: "voiyd", role: "ours", sample: () => measure(() => stage.client.version.version({})) },
      { name: "node:http2", role: "floor", sample: () => measure(() => bare.call(PATH, empty)) },
      { name: "@grpc/grpc-js", role: "peer", sample: () => measure(() => grpcJs.call(PATH, empty)) },
      { name: "@connectrpc/connect-node", role: "peer", sample: () => measure(() => generic.version({})) },
    ],
    missing: [],
    close: async () => {
      bare.close();
      grpcJs.close();
    },
  };
}

export const unarySequential: Scenario = {
  name: "unary",
  title: "one call after the other (Version)",
  unit: "µs",
  rounds: 25,
  targets: [
    { against: "node:http2", atMost: 1.4 },
    { against: "@grpc/grpc-js", atMost: 0.75 },
  ],
  open: async (stage: Stage, scale: Scale) => contest(stage, (call) => eachOf(scale.pick(400, 2), call)),
};

export const unaryAtOnce: Scenario = {
  name: "unary-50",
  title: `${WIDTH} calls at once (Version), each`,
  unit: "µs",
  rounds: 25,
  targets: [
    { against: "node:http2", atMost: 1.6 },
    { against: "@grpc/grpc-js", atMost: 0.75 },
  ],
  open: async (stage: Stage, scale: Scale) => contest(stage, (call) => eachAtOnce(scale.pick(20, 1), WIDTH, call)),
};
