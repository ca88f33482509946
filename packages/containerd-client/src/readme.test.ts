import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { Containers } from "./gen/containerd/services/containers/v1/containers_pb.js";
import { Version } from "./gen/containerd/services/version/v1/version_pb.js";
import { startFakeContainerd } from "./testing/fake-containerd.js";
import { runModule } from "./testing/run-module.js";

test("the example of the README lists containers, in at most ten lines", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? "";
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(10);

  await using fake = await startFakeContainerd((router) => {
    router.service(Version, { version: () => ({ version: "1.6.20" }) });
    router.service(Containers, {
      async *listStream() {
        yield { container: { id: "web", image: "docker.io/library/nginx:latest" } };
        yield { container: { id: "db", image: "docker.io/library/postgres:16" } };
      },
    });
  });
  const output = await runModule(example, { CONTAINERD_ADDRESS: fake.address });
  expect(output).toBe("web docker.io/library/nginx:latest\ndb docker.io/library/postgres:16\n");
  expect(fake.calls.at(-1)?.headers["containerd-namespace"]).toBe("default");
});
