import { afterEach, describe, expect, test } from "@jest/globals";
import { ContainerdClient, DEFAULT_ADDRESS } from "./client.js";
import { Containers } from "./gen/containerd/services/containers/v1/containers_pb.js";
import { Tasks } from "./gen/containerd/services/tasks/v1/tasks_pb.js";
import { Version } from "./gen/containerd/services/version/v1/version_pb.js";
import { type FakeContainerd, startFakeContainerd } from "./testing/fake-containerd.js";
import { runModule } from "./testing/run-module.js";

let fake: FakeContainerd | undefined;

afterEach(async () => {
  await fake?.[Symbol.asyncDispose]();
  fake = undefined;
});

describe("a client", () => {
  test("touches nothing until its first call", () => {
    const client = new ContainerdClient({ namespace: "blue", address: "/nowhere/at/all.sock" });
    expect(client).toMatchObject({ address: "/nowhere/at/all.sock", scope: { namespace: "blue" } });
  });

  test("is for containerd's usual address unless told", () => {
    expect(new ContainerdClient({ namespace: "blue" }).address).toBe(DEFAULT_ADDRESS);
  });

  test("made from another has its address, and the rest of its scope", () => {
    const client = new ContainerdClient({ namespace: "blue", lease: "l1", address: "/a.sock" });
    expect(client.with({ namespace: "red" })).toMatchObject({
      address: "/a.sock",
      scope: { namespace: "red", lease: "l1" },
    });
    expect(client.with({ lease: "l2" }).scope).toEqual({ namespace: "blue", lease: "l2" });
    expect(client.background()).toMatchObject({ address: "/a.sock", scope: { namespace: "blue", lease: "l1" } });
    expect(client.scope).toEqual({ namespace: "blue", lease: "l1" });
  });

  test("reaches any service with its scope", async () => {
    fake = await startFakeContainerd((router) => router.service(Version, { version: () => ({ version: "2.1.0" }) }));
    await using client = new ContainerdClient({ namespace: "blue", address: fake.address });
    await expect(client.service(Version).version({})).resolves.toMatchObject({ version: "2.1.0" });
    expect(fake.calls[0]).toMatchObject({
      path: "/containerd.services.version.v1.Version/Version",
      headers: { "containerd-namespace": "blue" },
    });
  });

  test("refuses a message that containerd would not take", async () => {
    fake = await startFakeContainerd((router) => router.service(Containers, { create: () => ({}) }));
    await using client = new ContainerdClient({ namespace: "blue", address: fake.address });
    const container = { id: "big", labels: { a: "x".repeat(17 * 1024 * 1024) } };
    await expect(client.containers.create({ container })).rejects.toMatchObject({ code: "resource_exhausted" });
  });

  test("takes an answer of nearly containerd's limit", async () => {
    const value = new Uint8Array(16 * 1024 * 1024);
    fake = await startFakeContainerd((router) =>
      router.service(Containers, { get: () => ({ container: { id: "big", spec: { typeUrl: "x", value } } }) }),
    );
    await using client = new ContainerdClient({ namespace: "blue", address: fake.address });
    const { container } = await client.containers.get({ id: "big" });
    expect(container?.spec?.value.length).toBe(value.length);
  });
});

describe("a process", () => {
  test("loads none of Node's own HTTP for a call that succeeds", async () => {
    fake = await startFakeContainerd((router) =>
      router.service(Version, { version: () => ({}) }).service(Tasks, { list: () => ({}) }),
    );
    // Each is a twentieth to a half of the memory of an idle client, and as much of the time of a short command.
    const source = `
      import { ContainerdClient } from "@voiyd/containerd-client";
      const client = new ContainerdClient({ address: process.env.ADDRESS, namespace: "blue" });
      await client.version.version({});
      await client.tasks.list({});
      const loaded = process.moduleLoadList.filter((name) => /undici|http/.test(name));
      console.log(JSON.stringify([loaded, process.moduleLoadList.includes("NativeModule net")]));
      process.exit(0);
    `;
    expect(JSON.parse(await runModule(source, { ADDRESS: fake.address }))).toEqual([[], true]);
  });

  const program = (of: string, then: string): string => `
    import { ContainerdClient } from "@voiyd/containerd-client";
    const client = new ContainerdClient({ address: process.env.ADDRESS, namespace: "blue" });
    await client.version.version({});
    await ${of}.version.version({});
    ${of}.tasks.wait({ containerId: "web" }).then(({ exitStatus }) => console.log("exit", exitStatus));
    ${then}
  `;

  test("is kept alive by a call under way, until it is answered", async () => {
    fake = await startFakeContainerd((router) => {
      router.service(Version, { version: () => ({ version: "x" }) });
      router.service(Tasks, {
        // As long as another process takes for its whole life: the one that asks would be gone by then.
        wait: async () => ({ exitStatus: Number(await runModule("console.log(3)", {})) }),
      });
    });
    expect(await runModule(program("client", ""), { ADDRESS: fake.address })).toBe("exit 3\n");
  });

  test("is not kept alive by an idle connection, nor by a call in the background", async () => {
    const waiting: string[] = [];
    fake = await startFakeContainerd((router) => {
      router.service(Version, { version: () => ({ version: "x" }) });
      router.service(Tasks, {
        wait: ({ containerId }) => {
          waiting.push(containerId);
          return new Promise(() => undefined);
        },
      });
    });
    // The last call is made after the wait has been sent, over the same connection, and keeps the process until then.
    const then = "await client.version.version({}); console.log('end');";
    expect(await runModule(program("client.background()", then), { ADDRESS: fake.address })).toBe("end\n");
    expect(fake.calls.map(({ path }) => path)).toContain("/containerd.services.tasks.v1.Tasks/Wait");
  });
});
