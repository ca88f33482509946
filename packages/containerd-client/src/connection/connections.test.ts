import { afterEach, describe, expect, test } from "@jest/globals";
import { ContainerdClient } from "../client.js";
import { Containers } from "../gen/containerd/services/containers/v1/containers_pb.js";
import { Content } from "../gen/containerd/services/content/v1/content_pb.js";
import { Tasks } from "../gen/containerd/services/tasks/v1/tasks_pb.js";
import { Version } from "../gen/containerd/services/version/v1/version_pb.js";
import type { TransportKind } from "./connections.js";
import { type FakeContainerd, startFakeContainerd } from "../testing/fake-containerd.js";

const never = (): Promise<never> => new Promise(() => undefined);
const TRANSPORTS: readonly TransportKind[] = ["lean", "connect"];
const LOST = { name: "ContainerdError", code: "unavailable", connection: true };

let fake: FakeContainerd;
let client: ContainerdClient;
/** Told of every call to `Tasks/Wait`, which is answered when the test says so. */
let onWait: () => void = () => undefined;
/** Answers all of them. */
let answer: () => void;

async function start(transport: TransportKind): Promise<void> {
  const answered = new Promise<{ exitStatus: number }>((resolve) => {
    answer = () => {
      resolve({ exitStatus: 7 });
    };
  });
  fake = await startFakeContainerd((router) => {
    router.service(Version, { version: () => ({ version: "1.6.20" }) });
    router.service(Tasks, {
      wait() {
        onWait();
        return answered;
      },
    });
    router.service(Containers, {
      async *listStream() {
        yield { container: { id: "a" } };
        await never();
      },
    });
    router.service(Content, {
      async *read() {
        for (;;) yield { data: new Uint8Array(1024 * 1024) };
      },
    });
  });
  client = new ContainerdClient({ address: fake.address, namespace: "blue", transport });
}

afterEach(async () => {
  onWait = () => undefined;
  client.close();
  await fake[Symbol.asyncDispose]();
});

describe.each(TRANSPORTS)("a connection (%s)", (transport) => {
  test("is made by the first call, and shared by all", async () => {
    await start(transport);
    expect(fake.connections).toBe(0);
    await Promise.all([client.version.version({}), client.with({ namespace: "red" }).version.version({})]);
    await client.version.version({});
    expect(fake.connections).toBe(1);
  });

  test("that is lost fails the calls on it, and the next call makes another", async () => {
    await start(transport);
    onWait = () => void fake.kill();
    await expect(client.tasks.wait({ containerId: "web" })).rejects.toMatchObject(LOST);
    await expect(client.version.version({})).rejects.toMatchObject(LOST);
    await fake.start();
    await expect(client.version.version({})).resolves.toMatchObject({ version: "1.6.20" });
    expect(fake.connections).toBe(2);
  });

  test("that is lost in the middle of a stream fails it, after what came before", async () => {
    await start(transport);
    const ids: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const { container } of client.containers.listStream({})) {
        ids.push(container?.id);
        await fake.kill();
      }
    };
    await expect(read()).rejects.toMatchObject({
      ...LOST,
      method: "containerd.services.containers.v1.Containers/ListStream",
    });
    expect(ids).toEqual(["a"]);
  });

  test("that is lost while many calls wait fails each of them", async () => {
    await start(transport);
    let waiting = 0;
    onWait = () => {
      if (++waiting === 20) void fake.kill();
    };
    const calls = Array.from({ length: 20 }, () => client.tasks.wait({ containerId: "web" }));
    const results = await Promise.allSettled(calls);
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: LOST });
  });

  test("that takes no further calls ends those it has, and is replaced once", async () => {
    await start(transport);
    const waiting = new Promise<void>((resolve) => {
      onWait = resolve;
    });
    const under = client.tasks.wait({ containerId: "web" });
    await waiting;
    fake.goAway();
    for (let index = 0; index < 50 && fake.connections < 2; index++)
      await client.version.version({}).catch(() => undefined);
    answer();
    await expect(under).resolves.toMatchObject({ exitStatus: 7 });
    await fake.closed(1);
    for (let index = 0; index < 5; index++) await client.version.version({});
    expect(fake.connections).toBe(2);
    client.close();
    await fake.closed(2);
  });

  test("for blobs is another than the one for small calls, which a full one cannot hold up", async () => {
    await start(transport);
    // Nobody reads on: the daemon fills this connection's window.
    const blob = client.content.read({ digest: "sha256:0" })[Symbol.asyncIterator]();
    await blob.next();
    for (let index = 0; index < 50; index++) await client.version.version({});
    expect(fake.connections).toBe(2);
    await blob.return?.();
  });
});

describe.each(TRANSPORTS)("closing a client (%s)", (transport) => {
  test("fails the calls under way, and a later call connects again", async () => {
    await start(transport);
    onWait = () => {
      client.close();
    };
    await expect(client.tasks.wait({ containerId: "web" })).rejects.toMatchObject(LOST);
    await expect(client.version.version({})).resolves.toMatchObject({ version: "1.6.20" });
    expect(fake.connections).toBe(2);
  });

  test("ends the connections of the clients made from it", async () => {
    await start(transport);
    const background = client.with({ namespace: "red" }).background();
    await background.version.version({});
    onWait = () => {
      client.close();
    };
    await expect(background.tasks.wait({ containerId: "web" })).rejects.toMatchObject(LOST);
  });

  test("that never connected, or twice, is harmless", async () => {
    await start(transport);
    client.close();
    await client.version.version({});
    await client[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    expect(fake.connections).toBe(1);
  });
});
