import { describe, expect, test } from "@jest/globals";
import { create } from "@bufbuild/protobuf";
import {
  GetResponseSchema,
  ListTasksResponseSchema,
} from "@voiyd/containerd-client/api/containerd/services/tasks/v1/tasks";
import { ContainerdError, type Container as Message, packJson, TaskStatus } from "@voiyd/containerd-client";
import type { ListOptions } from "@voiyd/runtime-api";
import { createHost } from "../host/create-host.js";
import { containerMessage } from "../testing/container-message.js";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { EXTENSION, EXTENSION_TYPE } from "./label-names.js";
import { listContainers } from "./list-containers.js";

/** A runtime for which containerd has these records, and no tasks. */
function contextWith(
  messages: readonly Message[],
  get?: FakeClient["tasks"]["get"],
  list: FakeClient["tasks"]["list"] = async () => create(ListTasksResponseSchema),
): ReturnType<typeof testContext> {
  const client = new FakeClient({
    containers: {
      async *listStream() {
        for (const container of messages) {
          yield { $typeName: "containerd.services.containers.v1.ListContainerMessage" as const, container };
        }
      },
    },
    tasks: {
      list,
      get:
        get ??
        (async ({ containerId }) => {
          throw new ContainerdError("not_found", `task ${String(containerId)} not found: not found`, {
            method: "Tasks/Get",
          });
        }),
    },
  });
  return testContext({ client, host: createHost() });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** A record one of whose extensions has been damaged. */
function damaged(id: string, name: string, key: keyof typeof EXTENSION, text: string): Message {
  const message = containerMessage(id, name);
  message.extensions[EXTENSION[key]] = { ...packJson(EXTENSION_TYPE[key], null), value: bytes(text) };
  return message;
}

test("a record that has been damaged is listed, and hides no other", async () => {
  const context = contextWith([
    containerMessage("id1", "one"),
    damaged("id2", "not-json", "container", "{"),
    damaged("id3", "not-ours", "container", '{"version":"container/v9"}'),
    damaged("id4", "exit-not-json", "exit", "\xff"),
    damaged("id5", "network-not-json", "network", ""),
    containerMessage("id6", "six"),
  ]);
  const containers = await listContainers(context, {});
  expect(containers.map(({ meta, status }) => [meta.name, status.phase, status.error === undefined])).toEqual([
    ["one", "exited", true],
    ["not-json", "exited", false],
    ["not-ours", "exited", false],
    ["exit-not-json", "exited", true],
    ["network-not-json", "exited", true],
    ["six", "exited", true],
  ]);
});

test("a record of somebody else is not listed", async () => {
  const context = contextWith([containerMessage("id1", "one"), containerMessage("id2", "two", { labels: {} })]);
  expect((await listContainers(context, {})).map(({ meta }) => meta.name)).toEqual(["one"]);
});

test("a shim that does not answer makes its own container unknown, and no other", async () => {
  const context = contextWith(
    [containerMessage("id1", "one"), containerMessage("id2", "two")],
    async ({ containerId }) => {
      throw containerId === "id1"
        ? new ContainerdError("deadline_exceeded", "context deadline exceeded", { method: "Tasks/Get" })
        : new ContainerdError("not_found", "task id2 not found", { method: "Tasks/Get" });
    },
  );
  expect((await listContainers(context, {})).map(({ status }) => status.phase)).toEqual(["unknown", "exited"]);
});

test("a daemon that is away is an error, not an empty list", async () => {
  const lost = new ContainerdError("unavailable", "cut", { method: "Tasks/Get", connection: true });
  const context = contextWith([containerMessage("id1", "one")], () => Promise.reject(lost));
  await expect(listContainers(context, {})).rejects.toBe(lost);
});

describe("the tasks of a list", () => {
  const exited = (id: string, name: string): Message => {
    const message = containerMessage(id, name);
    message.extensions[EXTENSION.exit] = packJson(EXTENSION_TYPE.exit, { exitCode: 7 });
    return message;
  };
  const running = (...ids: string[]) =>
    create(ListTasksResponseSchema, {
      tasks: ids.map((id, index) => ({ id, pid: 100 + index, status: TaskStatus.RUNNING })),
    });
  const phases = async (context: ReturnType<typeof testContext>, options: ListOptions = {}): Promise<unknown[]> =>
    (await listContainers(context, options)).map(({ status }) => status.phase);

  test("are read in one call; only what it does not name, and is not known to have ended, is asked for itself", async () => {
    const asked: unknown[] = [];
    const context = contextWith(
      [containerMessage("id1", "one"), exited("id2", "two"), containerMessage("id3", "three")],
      async ({ containerId }) => {
        asked.push(containerId);
        throw new ContainerdError("not_found", "no task", { method: "Tasks/Get" });
      },
      async () => running("id1"),
    );
    expect(await phases(context)).toEqual(["running", "exited", "exited"]);
    expect(asked).toEqual(["id3"]);
  });

  test("are asked for one by one when they do not come in time", async () => {
    const late = new ContainerdError("deadline_exceeded", "late", { method: "Tasks/List" });
    const context = contextWith(
      [containerMessage("id1", "one"), exited("id2", "two")],
      async ({ containerId }) => {
        if (containerId === "id1")
          return create(GetResponseSchema, { process: { id: "id1", status: TaskStatus.PAUSED } });
        throw new ContainerdError("not_found", "no task", { method: "Tasks/Get" });
      },
      () => Promise.reject(late),
    );
    expect(await phases(context)).toEqual(["paused", "exited"]);
  });

  test("are not all listed for the few that are wanted", async () => {
    const context = contextWith([containerMessage("id1", "one")], undefined, () => Promise.reject(new Error("listed")));
    expect(await phases(context, { labels: { team: "blue" } })).toEqual([]);
  });

  test("are asked for one by one where shortcuts are off", async () => {
    const context = contextWith([exited("id1", "one")], undefined, () => Promise.reject(new Error("listed")));
    expect(await phases({ ...context, shortcuts: false })).toEqual(["exited"]);
  });

  test("that belong to nobody's record are not shown", async () => {
    const context = contextWith([], undefined, async () => running("stranger"));
    expect(await phases(context)).toEqual([]);
  });
});
