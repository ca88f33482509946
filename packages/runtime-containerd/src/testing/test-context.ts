import { silentLogger } from "@voiyd/logger";
import { KeyedLock } from "../concurrency/keyed-lock.js";
import type { RuntimeContext } from "../context.js";
import { createHost } from "../host/create-host.js";
import { TaskFolders } from "../host/task-folders.js";
import { RecentCache } from "../cache/recent-cache.js";
import { LogGuard } from "../io/log-guard.js";
import { LogProcess } from "../log-process/log-process.js";
import { ExitWatcher } from "../task/exit-watcher.js";
import { RuntimeFeatures } from "../request/runtime-features.js";
import { VolumeStore } from "../volume/volume-store.js";
import { FakeClient } from "./fake-client.js";

const refused = (): never => {
  throw new Error("this test has none");
};

/** A context without a daemon, a network or a registry; what a test is about is given. */
export function testContext(given: Partial<RuntimeContext> = {}): RuntimeContext {
  const host = createHost();
  const context: RuntimeContext = {
    client: new FakeClient(),
    network: {
      namespacePath: refused,
      prepare: refused,
      attach: refused,
      detach: refused,
      check: refused,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    imageSource: { resolve: refused, fetch: refused, [Symbol.asyncDispose]: () => Promise.resolve() },
    pullBackend: "client",
    transfer: {},
    logger: silentLogger,
    host,
    namespace: "test",
    snapshotter: "overlayfs",
    shim: "io.containerd.runc.v2",
    logDirFmt: "/nowhere/%s/log",
    stateDir: "/nowhere/state",
    runtimes: new Map(),
    cgroupDriver: "cgroupfs",
    features: new RuntimeFeatures(host),
    volumes: new VolumeStore({ directory: "/nowhere/volumes", files: host.files, lock: host.lock }),
    shortcuts: true,
    taskFolders: new TaskFolders(() => context),
    making: new Set(),
    removing: new Set(),
    exits: new ExitWatcher(() => context),
    logs: new LogGuard(() => context, { maxBytes: 1 }),
    logProcess: new LogProcess("/nowhere/state", host.lock),
    logging: { driver: "file" },
    documents: new RecentCache(),
    users: new RecentCache(),
    unpacking: new KeyedLock(),
    ...given,
  };
  return context;
}
