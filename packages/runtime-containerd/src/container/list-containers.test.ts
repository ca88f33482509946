import { expect, test } from "@jest/globals";
import { ContainerdError, type Container as Message, packJson } from "@voiyd/containerd-client";
import { createHost } from "../host/create-host.js";
import { containerMessage } from "../testing/container-message.js";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { EXTENSION, EXTENSION_TYPE } from "./label-names.js";
import { listContainers } from "./list-containers.js";

/** A runtime for which containerd has these records, and no tasks. */
function contextWith(messages: readonly Message[], get?: FakeClient["tasks"]["get"]): ReturnType<typeof testContext> {
  const client = new FakeClient({
    containers: {
      async *listStream() {
        for (const container of messages) {
          yield { $typeName: "containerd.services.containers.v1.ListContainerMessage" as const, container };
        }
      },
    },
    tasks: {
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
