import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { packJson } from "@voiyd/containerd-client";
import { generateId } from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord } from "../container/container-store.js";
import { EXTENSION, EXTENSION_TYPE, LABEL } from "../container/label-names.js";
import { containerMessage } from "../testing/container-message.js";
import { FakeClient } from "../testing/fake-client.js";
import { tempFolder } from "../testing/temp-folder.js";
import { testContext } from "../testing/test-context.js";
import { keepRemoval, readRemovals } from "./removal-log.js";

const EVER = new Date(0);

/** A runtime whose daemon knows one container, that ran from the second 10 on and ended in the second 20. */
function contextFor(stateDir: string, phase = "running"): { context: ReturnType<typeof testContext>; id: string } {
  const id = generateId();
  const container = containerMessage(id, "web", {
    labels: { [LABEL.name]: "web", [LABEL.phase]: phase, [LABEL.created]: new Date(5_000).toISOString(), own: "1" },
  });
  container.extensions[EXTENSION.network] = packJson(EXTENSION_TYPE.network, {
    startedAt: new Date(10_000).toISOString(),
    pid: 7,
  });
  container.extensions[EXTENSION.exit] = packJson(EXTENSION_TYPE.exit, {
    exitCode: 3,
    exitedAt: new Date(20_000).toISOString(),
  });
  const client = new FakeClient({
    containers: {
      async *listStream() {
        yield { $typeName: "containerd.services.containers.v1.ListContainerMessage" as const, container };
      },
    },
  });
  return { context: testContext({ client, stateDir }), id };
}

async function recordOf(context: ReturnType<typeof testContext>, id: string): Promise<ContainerRecord> {
  const record = await readRecord(context, id, {});
  if (record === undefined) throw new Error("there is no record");
  return record;
}

test("what is known of a container is kept, for root alone, and read again", async () => {
  await using folder = await tempFolder();
  const { context, id } = contextFor(folder.path);
  await keepRemoval(context, await recordOf(context, id), {});
  const removals = await readRemovals(context, EVER);
  expect([...removals.values()]).toEqual([
    {
      id,
      created: new Date(5_000),
      removed: expect.any(Date),
      finding: {
        name: "web",
        image: "docker.io/library/app:latest",
        labels: { own: "1" },
        revision: 0,
        phase: "ended",
        pid: 7,
        startedAt: new Date(10_000),
        exit: { exitCode: 3, exitedAt: new Date(20_000) },
      },
    },
  ]);
  expect((await stat(folder.at("removals-test.log"))).mode & 0o777).toBe(0o600);
  expect(await readRemovals(context, new Date(Date.now() + 1_000))).toEqual(new Map());
});

test("how a container ended is what its record says at the end, not before its removal", async () => {
  await using folder = await tempFolder();
  const { context, id } = contextFor(folder.path);
  const record = await recordOf(context, id);
  await keepRemoval(context, { ...record, exit: undefined }, {});
  expect((await readRemovals(context, EVER)).get(id)?.finding.exit?.exitCode).toBe(3);
});

test("one that was never whole is not kept", async () => {
  await using folder = await tempFolder();
  const { context, id } = contextFor(folder.path, "creating");
  await keepRemoval(context, await recordOf(context, id), {});
  expect(await readdir(folder.path)).toEqual([]);
});

test("lines that were cut off hide no others", async () => {
  await using folder = await tempFolder();
  const { context, id } = contextFor(folder.path);
  await writeFile(folder.at("removals-test.log"), 'null\n[]\n{"id":"x"}\n{"id":"\n');
  await keepRemoval(context, await recordOf(context, id), {});
  await appendFile(folder.at("removals-test.log"), '{"id":');
  expect([...(await readRemovals(context, EVER)).keys()]).toEqual([id]);
});

test("the log does not grow for ever: one full file is kept", async () => {
  await using folder = await tempFolder();
  const { context, id } = contextFor(folder.path);
  const record = await recordOf(context, id);
  await writeFile(folder.at("removals-test.log.1"), "older\n");
  await writeFile(folder.at("removals-test.log"), `${"x".repeat(512 * 1024)}\n`);
  await keepRemoval(context, record, {});
  expect((await readdir(folder.path)).sort()).toEqual(["removals-test.log.1"]);
  expect(await readFile(folder.at("removals-test.log.1"), "utf8")).not.toContain("older");
  expect([...(await readRemovals(context, EVER)).keys()]).toEqual([id]);
});

test("a host on which nothing can be kept removes containers all the same", async () => {
  const { context, id } = contextFor("/dev/null/nowhere");
  await keepRemoval(context, await recordOf(context, id), {});
});
