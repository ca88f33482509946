import { expect, test } from "@jest/globals";
import { generateId } from "@voiyd/runtime-api";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { makeTask } from "./create-task.js";

test("F14: a task is never asked for without a root file system", async () => {
  const asked: unknown[] = [];
  const client = new FakeClient({
    tasks: {
      create: (request) => {
        asked.push(request);
        return Promise.reject(new Error("this test has no daemon"));
      },
    },
  });
  const container = { id: generateId(), name: "web", config: { image: "busybox" } };
  const made = (rootfs: Parameters<typeof makeTask>[3]): Promise<number> =>
    makeTask(testContext({ client }), container, ["true"], rootfs, {});

  await expect(made([])).rejects.toMatchObject({
    code: "INTERNAL",
    message: "container web: snapshotter overlayfs gave it no file system",
  });
  expect(asked).toEqual([]);
  await expect(
    made([{ $typeName: "containerd.types.Mount", type: "bind", source: "/x", target: "", options: [] }]),
  ).rejects.toThrow();
  expect(asked).toHaveLength(1);
});
