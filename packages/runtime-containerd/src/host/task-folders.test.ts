import { mkdir, readdir, symlink, utimes, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ContainerdClient } from "@voiyd/containerd-client";
import { FakeClient } from "../testing/fake-client.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { testContext } from "../testing/test-context.js";
import { createHost } from "./create-host.js";
import type { Host } from "./host.js";
import type { ShimProcess } from "./list-shims.js";
import { TaskFolders } from "./task-folders.js";

const TASKS = "io.containerd.runtime.v2.task";
let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

type Plugin = Awaited<ReturnType<ContainerdClient["introspection"]["plugins"]>>["plugins"][number];

/** A daemon that keeps its content below `root` here, and listens in `listens`. */
function taskFolders(listens: string, shims: readonly ShimProcess[] = [], host: Host = createHost()): TaskFolders {
  const content: Plugin = {
    $typeName: "containerd.services.introspection.v1.Plugin",
    type: "io.containerd.content.v1",
    id: "content",
    requires: [],
    platforms: [],
    exports: { root: folder.at("root", "io.containerd.content.v1.content") },
    capabilities: [],
  };
  const plugins: ContainerdClient["introspection"]["plugins"] = () =>
    Promise.resolve({ $typeName: "containerd.services.introspection.v1.PluginsResponse", plugins: [content] });
  const client = new FakeClient({ introspection: { plugins } }, folder.at(listens, "containerd.sock"));
  const context = testContext({ client, host });
  return new TaskFolders(
    () => context,
    () => shims,
  );
}

async function plant(state: string, id: string, hidden = false): Promise<void> {
  const bundle = folder.at(state, TASKS, "test", hidden ? `.${id}` : id);
  await mkdir(bundle, { recursive: true });
  await mkdir(folder.at("root", TASKS, "test", id), { recursive: true });
  await symlink(folder.at("root", TASKS, "test", id), `${bundle}/work`);
  await writeFile(`${bundle}/config.json`, "{}");
}

/** A daemon makes its socket: what was there before is of another's time. */
async function startDaemon(listens: string): Promise<void> {
  const socket = folder.at(listens, "containerd.sock");
  await mkdir(folder.at(listens), { recursive: true });
  await writeFile(socket, "");
  const soon = new Date(Date.now() + 1_000);
  await utimes(socket, soon, soon);
}

const left = async (base: string): Promise<string[]> => (await readdir(folder.at(base, TASKS, "test"))).sort();

test("folders beside the socket and below the daemon's root are removed, begun removals too, and no other's", async () => {
  await plant("state", "one");
  await plant("state", "two", true);
  await plant("state", "other");
  await startDaemon("state");
  const folders = taskFolders("state");
  expect([...(await folders.ids({}))]).toEqual(expect.arrayContaining(["one", "two", "other"]));
  await folders.remove("one", {});
  await folders.remove("two", {});
  await folders.remove("absent", {});
  expect(await left("state")).toEqual(["other"]);
  expect(await left("root")).toEqual(["other"]);
});

test("those of a task with a shim stay", async () => {
  await plant("state", "one");
  await startDaemon("state");
  const shim = { pid: 1, namespace: "test", id: "one", address: "/anywhere" };
  await taskFolders("state", [shim]).remove("one", {});
  expect(await left("state")).toEqual(["one"]);
});

test("where the state is elsewhere, a living shim of the same daemon shows it", async () => {
  await plant("elsewhere", "one");
  await plant("theirs", "one");
  await startDaemon("run");
  const host = createHost();
  const bundles: Record<string, string> = {
    "/proc/7/cwd": folder.at("theirs", TASKS, "test", "living"),
    "/proc/8/cwd": folder.at("elsewhere", TASKS, "test", "living"),
  };
  const realPath = (path: string): Promise<string> => Promise.resolve(bundles[path] ?? path);
  const shims = [
    { pid: 7, namespace: "test", id: "living", address: "/another/containerd.sock" },
    { pid: 8, namespace: "test", id: "living", address: folder.at("run", "containerd.sock") },
  ];
  await taskFolders("run", shims, { ...host, files: { ...host.files, realPath } }).remove("one", {});
  expect(await left("elsewhere")).toEqual([]);
  expect(await left("theirs")).toEqual(["one"]);
});

test("what this daemon has made may be of a task that is just being made, and stays", async () => {
  await startDaemon("state");
  const before = new Date(Date.now() - 60_000);
  await utimes(folder.at("state", "containerd.sock"), before, before);
  await plant("state", "one");
  const folders = taskFolders("state");
  await folders.remove("one", {});
  expect([...(await folders.ids({}))]).toEqual([]);
  expect(await left("state")).toEqual(["one"]);
});

test("what lies deeper in such a folder than containerd puts it is not removed", async () => {
  await plant("state", "one");
  await startDaemon("state");
  await mkdir(folder.at("state", TASKS, "test", "one", "rootfs", "etc"), { recursive: true });
  await expect(taskFolders("state").remove("one", {})).rejects.toThrow("ENOTEMPTY");
  expect(await readdir(folder.at("state", TASKS, "test", "one", "rootfs"))).toEqual(["etc"]);
});
