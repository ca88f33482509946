import { spawn } from "node:child_process";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  PublishRequestSchema,
  SubscribeRequestSchema,
} from "@voiyd/containerd-client/api/containerd/services/events/v1/events";
import { timed } from "../measure/timed.js";
import { BareConnection } from "../peers/bare-connection.js";
import type { Contender, Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const NAMESPACE = "bench-events";
const TOPIC = "/bench/event";
/** One that every peer can read; its content is empty. */
const EVENT = "containerd.events.TaskPaused";
const PUBLISH = "/containerd.services.events.v1.Events/Publish";
const SUBSCRIBE = "/containerd.services.events.v1.Events/Subscribe";
/** Published at the same time: fewer than containerd keeps for a subscriber that is slow. */
const WIDTH = 50;

/** Events that are to come. Told of each that has, it resolves when all have. */
class Countdown {
  readonly done: Promise<void>;
  #left: number;
  #resolve: () => void = () => undefined;

  constructor(count: number) {
    this.#left = count;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  tell(events = 1): void {
    this.#left -= events;
    if (this.#left <= 0) this.#resolve();
  }
}

/** One who listens, and who can be told to stop. */
interface Listener {
  stop(): Promise<void>;
}

export const events: Scenario = {
  name: "events",
  title: "100,000 events, published and received, each",
  unit: "µs",
  rounds: 2,
  warmUp: 0,
  targets: [],
  async open(stage: Stage, scale: Scale) {
    const count = scale.pick(100_000, 100);
    const { address } = stage.host;
    const publisher = new BareConnection(address, NAMESPACE);
    const message = toBinary(
      PublishRequestSchema,
      create(PublishRequestSchema, { topic: TOPIC, event: { typeUrl: EVENT } }),
    );
    const publish = async (): Promise<void> => {
      let left = count;
      const one = async (): Promise<void> => {
        while (left-- > 0) await publisher.call(PUBLISH, message);
      };
      await Promise.all(Array.from({ length: WIDTH }, one));
    };
    const contender = (
      name: string,
      role: Contender["role"],
      listen: (got: Countdown) => Promise<Listener>,
    ): Contender => ({
      name,
      role,
      async sample() {
        const got = new Countdown(count);
        const listener = await listen(got);
        const milliseconds = await timed(async () => {
          await publish();
          await got.done;
        });
        await listener.stop();
        return (milliseconds * 1000) / count;
      },
    });
    return {
      contenders: [
        contender("voiyd", "ours", (got) => listenTyped(stage, got)),
        contender("node:http2", "floor", (got) => listenBare(stage, got)),
        contender("ctr events", "peer", (got) => listenCtr(stage, got)),
        contender("nobody listens", "floor", async (got) => {
          got.tell(count);
          return { stop: async () => undefined };
        }),
      ],
      missing: [],
      close: async () => {
        publisher.close();
      },
    };
  },
};

/** The daemon subscribes when it has read the request; it says so with the first event, so one is sent for that. */
async function listenTyped(stage: Stage, got: Countdown): Promise<Listener> {
  const client = stage.client.with({ namespace: NAMESPACE });
  const stop = new AbortController();
  const first = new Countdown(1);
  const reading = (async () => {
    for await (const { topic } of client.events.subscribe(
      { filters: [`namespace=="${NAMESPACE}"`] },
      { signal: stop.signal },
    )) {
      if (topic === TOPIC) got.tell();
      else first.tell();
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await Promise.race([untilHeard(stage, first), reading]);
  return {
    async stop() {
      stop.abort();
      await reading;
    },
  };
}

async function listenBare(stage: Stage, got: Countdown): Promise<Listener> {
  const connection = new BareConnection(stage.host.address, NAMESPACE);
  const first = new Countdown(1);
  const request = toBinary(
    SubscribeRequestSchema,
    create(SubscribeRequestSchema, { filters: [`namespace=="${NAMESPACE}"`] }),
  );
  connection.listen(SUBSCRIBE, request, counting(got, first));
  await untilHeard(stage, first);
  return {
    stop: async () => {
      connection.close();
    },
  };
}

async function listenCtr(stage: Stage, got: Countdown): Promise<Listener> {
  const args = ["--address", stage.host.address, "--namespace", NAMESPACE, "events"];
  const child = spawn("ctr", args, { env: stage.env, stdio: ["ignore", "pipe", "ignore"] });
  const first = new Countdown(1);
  child.stdout.on("data", counting(got, first));
  await untilHeard(stage, first);
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          resolve();
        });
        child.kill();
      }),
  };
}

/** Counts the topic in what is said; whatever else is said is the first word. */
function counting(got: Countdown, first: Countdown): (chunk: Buffer) => void {
  const topic = Buffer.from(TOPIC);
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let found = 0;
    let end = 0;
    for (let at = text.indexOf(topic); at !== -1; at = text.indexOf(topic, end)) {
      found++;
      end = at + topic.length;
    }
    // A topic may be cut in two.
    rest = text.subarray(Math.max(end, text.length - topic.length + 1));
    if (found > 0) got.tell(found);
    else first.tell();
  };
}

/** Publishes until it is heard. */
async function untilHeard(stage: Stage, first: Countdown): Promise<void> {
  const client = stage.client.with({ namespace: NAMESPACE });
  while (!first.isOver) {
    await client.events.publish({ topic: "/bench/hello", event: { typeUrl: EVENT } });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
