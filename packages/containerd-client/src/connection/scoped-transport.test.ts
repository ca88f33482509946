import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ContainerdClient } from "../client.js";
import { isContainerdError } from "../errors/containerd-error.js";
import { Containers } from "../gen/containerd/services/containers/v1/containers_pb.js";
import { Events } from "../gen/containerd/services/events/v1/events_pb.js";
import { Tasks } from "../gen/containerd/services/tasks/v1/tasks_pb.js";
import { Version } from "../gen/containerd/services/version/v1/version_pb.js";
import { type FakeContainerd, startFakeContainerd } from "../testing/fake-containerd.js";

let cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

async function start(
  routes: Parameters<typeof startFakeContainerd>[0],
): Promise<{ fake: FakeContainerd; client: ContainerdClient }> {
  const fake = await startFakeContainerd(routes);
  const client = new ContainerdClient({ address: fake.address, namespace: "blue" });
  cleanUps.push(
    () => fake[Symbol.asyncDispose](),
    () => client[Symbol.asyncDispose](),
  );
  return { fake, client };
}

const answering = (): ReturnType<typeof start> =>
  start((router) => {
    router.service(Version, { version: () => ({ version: "1.6.20", revision: "r" }) });
    router.service(Containers, {
      async *listStream() {
        yield { container: { id: "a" } };
        yield { container: { id: "b" } };
      },
    });
  });

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

const aborted = (context: HandlerContext): Promise<never> =>
  new Promise((_resolve, reject) => {
    context.signal.addEventListener("abort", () => {
      reject(new ConnectError("gone", Code.Canceled));
    });
  });

describe("a call carries", () => {
  const scopes = (fake: FakeContainerd): unknown[] =>
    fake.calls.map(({ headers }) => [headers["containerd-namespace"], headers["containerd-lease"]]);

  test("the namespace and the lease of its client", async () => {
    const { fake, client } = await answering();
    await client.version.version({});
    await client.with({ lease: "l1" }).version.version({});
    await client.with({ namespace: "red" }).version.version({});
    await client.with({ namespace: "red" }).with({ lease: "l2" }).version.version({});
    await client.background().version.version({});
    await client.with({ lease: "l3" }).background().version.version({});
    expect(scopes(fake)).toEqual([
      ["blue", undefined],
      ["blue", "l1"],
      ["red", undefined],
      ["red", "l2"],
      ["blue", undefined],
      ["blue", "l3"],
    ]);
  });

  test("those of its own instead, a stream too", async () => {
    const { fake, client } = await answering();
    const headers = { "containerd-namespace": "green", "containerd-lease": "mine" };
    await client.version.version({}, { headers });
    await readAll(client.with({ lease: "l1" }).containers.listStream({}, { headers }));
    expect(scopes(fake)).toEqual([
      ["green", "mine"],
      ["green", "mine"],
    ]);
  });

  test("its deadline, so that the daemon stops too", async () => {
    const { fake, client } = await answering();
    await client.version.version({});
    await client.version.version({}, { timeoutMs: 1_500 });
    await readAll(client.containers.listStream({}));
    expect(fake.calls.map(({ headers }) => headers["grpc-timeout"])).toEqual(["120000m", "1500m", undefined]);
  });
});

test("messages of a stream come in order, and the stream ends", async () => {
  const { client } = await answering();
  const messages = await readAll(client.containers.listStream({}));
  expect(messages.map(({ container }) => container?.id)).toEqual(["a", "b"]);
});

describe("the daemon's errors", () => {
  test("are typed, with the method's name", async () => {
    const { client } = await start((router) =>
      router.service(Tasks, {
        get() {
          throw new ConnectError("task web: not found", Code.NotFound);
        },
      }),
    );
    await expect(client.tasks.get({ containerId: "web" })).rejects.toMatchObject({
      name: "ContainerdError",
      code: "not_found",
      message: "task web: not found",
      method: "containerd.services.tasks.v1.Tasks/Get",
      connection: false,
    });
  });

  test("in the middle of a stream are typed too, after what came before", async () => {
    const { client } = await start((router) =>
      router.service(Containers, {
        async *listStream() {
          yield { container: { id: "a" } };
          throw new ConnectError("broken", Code.DataLoss);
        },
      }),
    );
    const ids: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const { container } of client.containers.listStream({})) ids.push(container?.id);
    };
    await expect(read()).rejects.toMatchObject({ code: "data_loss", message: "broken" });
    expect(ids).toEqual(["a"]);
  });

  test("tell of a service that the daemon does not have", async () => {
    const { client } = await answering();
    const error: unknown = await client.transfer.transfer({}).catch((reason: unknown) => reason);
    expect(isContainerdError(error, "unimplemented")).toBe(true);
  });

  test("do not wait longer than the deadline", async () => {
    const { client } = await start((router) =>
      router.service(Tasks, { wait: (_request, context) => aborted(context) }),
    );
    await expect(client.tasks.wait({ containerId: "web" }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: "deadline_exceeded",
      connection: false,
    });
  });
});

describe("an abort", () => {
  const reason = { why: "the caller's own" };

  test("before the call rejects with the signal's reason, and nothing is sent", async () => {
    const { fake, client } = await answering();
    await expect(client.version.version({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fake.calls).toEqual([]);
  });

  test("of a call rejects with the signal's reason, and the daemon hears of it", async () => {
    const stop = new AbortController();
    let heard: (value: unknown) => void = () => undefined;
    const atDaemon = new Promise((resolve) => {
      heard = resolve;
    });
    const { client } = await start((router) =>
      router.service(Tasks, {
        wait(_request, context) {
          context.signal.addEventListener("abort", () => {
            heard("aborted");
          });
          stop.abort(reason);
          return aborted(context);
        },
      }),
    );
    await expect(client.tasks.wait({ containerId: "web" }, { signal: stop.signal })).rejects.toBe(reason);
    expect(await atDaemon).toBe("aborted");
  });

  test("of a stream rejects with the signal's reason", async () => {
    const stop = new AbortController();
    const { client } = await start((router) =>
      router.service(Events, {
        async *subscribe(_request, context) {
          yield { topic: "/tasks/start" };
          await aborted(context);
        },
      }),
    );
    const topics: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { topic } of client.events.subscribe({}, { signal: stop.signal })) {
        topics.push(topic);
        stop.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(topics).toEqual(["/tasks/start"]);
  });
});
