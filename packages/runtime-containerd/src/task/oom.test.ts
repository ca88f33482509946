import { mkdir, writeFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { createHost } from "../host/create-host.js";
import { FakeClient } from "../testing/fake-client.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { testContext } from "../testing/test-context.js";
import { wasOomKilled } from "./oom.js";

/** A host whose control groups are in a folder, with a file of the group of the container `box`, and no daemon. */
async function hostWith(folder: TempFolder, file: string, text: string): Promise<ReturnType<typeof testContext>> {
  const [empty, root] = [folder.at("empty"), folder.at("root")];
  await mkdir(empty);
  await mkdir(folder.at("root", "test", "box"), { recursive: true });
  await writeFile(folder.at("root", "test", "box", file), text);
  const host = createHost();
  const facts = { ...host.facts, cgroupRoots: [empty, root] };
  return testContext({ client: new FakeClient(), host: { ...host, facts } });
}

test.each([
  ["v2", "memory.events", "low 0\nhigh 0\nmax 21\noom 2\noom_kill 1\noom_group_kill 0\n", true],
  ["v2", "memory.events", "low 0\nhigh 0\nmax 21\noom 0\noom_kill 0\n", false],
  ["v1", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", true],
  ["v1", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", false],
  // Before Linux 4.13 nobody counts.
  ["an old v1", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n", undefined],
])(
  "kills for want of memory are read from control groups of %s without a daemon",
  async (_what, file, text, killed) => {
    await using folder = await tempFolder();
    expect(await wasOomKilled(await hostWith(folder, file, text), "box", {})).toBe(killed);
  },
);

test("of a group that is gone nothing is known", async () => {
  await using folder = await tempFolder();
  const context = await hostWith(folder, "memory.events", "oom_kill 1\n");
  expect(await wasOomKilled(context, "crate", {})).toBeUndefined();
});
