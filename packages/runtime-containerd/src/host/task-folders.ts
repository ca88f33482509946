import { basename, dirname, join } from "node:path";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "./file-store.js";
import { listShims, type ShimProcess } from "./list-shims.js";

type Options = { signal?: AbortSignal };
type Context = Pick<RuntimeContext, "client" | "host" | "namespace">;

/** What containerd calls the folder of its tasks, below its state and below its root (1.6 to 2.x). */
const TASKS = "io.containerd.runtime.v2.task";
/** Where containerd's shims let runc keep its states, whatever the daemon's folders are (`runc.RunOptions`, `root`). */
const RUNC_STATES = "/run/containerd/runc";
const CONTENT = "type==io.containerd.content.v1,id==content";

/**
 * The folders that containerd and runc keep for each task of a namespace: a bundle below the daemon's state, a work folder
 * below its root, a state of runc's. A daemon that dies while it makes or removes a task leaves them, and no later one
 * removes them: one without a record cannot be named to it, and one that it has begun to remove is hidden, and skipped
 * (containerd `runtime/v2`, `loadShims`, `atomicDelete`). A bundle in the way lets no task of that id be made.
 */
export class TaskFolders {
  readonly #context: () => Context;
  readonly #shims: () => readonly ShimProcess[];
  #root: string | undefined;
  #state: string | undefined;

  constructor(context: () => Context, shims: () => readonly ShimProcess[] = listShims) {
    this.#context = context;
    this.#shims = shims;
  }

  /** The ids of tasks of which there are folders from before this daemon started. */
  async ids(options: Options): Promise<ReadonlySet<string>> {
    const { files } = this.#context().host;
    const ids = new Set<string>();
    const started = await this.#daemonStarted();
    for (const folder of await this.#folders(options)) {
      for (const name of await files.list(folder)) {
        if (await this.#isBefore(started, join(folder, name))) ids.add(name.replace(/^\./, ""));
      }
    }
    return ids;
  }

  /**
   * Removes the folders of a task from before this daemon started, mounts with them, unless the task has a shim on this
   * machine: a younger one may be of a task that this daemon is just making. Absent is success. Whether there is such a
   * task is for the caller to know.
   */
  async remove(id: string, options: Options): Promise<void> {
    const { files } = this.#context().host;
    for (const folder of await this.#folders(options)) {
      for (const path of [join(folder, id), join(folder, `.${id}`)]) {
        if (!(await files.exists(path)) || !(await this.#isBefore(await this.#daemonStarted(), path))) continue;
        if (this.#shims().some((shim) => shim.id === id)) return;
        await this.#unmount(path, options);
        await files.removeFlatDirectory(path);
      }
    }
  }

  async #isBefore(moment: number, path: string): Promise<boolean> {
    const times = await this.#context().host.files.times(path);
    return times !== undefined && times.born < moment;
  }

  /** A daemon makes its socket anew when it starts, after it has looked through the tasks of the one before. */
  async #daemonStarted(): Promise<number> {
    const { client, host } = this.#context();
    return (await host.files.times(client.address))?.modified ?? 0;
  }

  async #unmount(path: string, options: Options): Promise<void> {
    const { files, command } = this.#context().host;
    const mounted = (await files.read("/proc/self/mountinfo"))
      .split("\n")
      .flatMap((line) => line.split(" ")[4] ?? [])
      .filter((point) => point.startsWith(`${path}/`));
    // The newest first: it may lie on another.
    for (const point of mounted.reverse()) await command("umount", ["--lazy", "--", point], options);
  }

  async #folders(options: Options): Promise<readonly string[]> {
    const { namespace } = this.#context();
    this.#root ??= await this.#findRoot(options);
    this.#state ??= await this.#findState();
    const own = [this.#state, this.#root].flatMap((folder) => (folder === undefined ? [] : join(folder, TASKS)));
    return [...own, RUNC_STATES].map((folder) => join(folder, namespace));
  }

  /** The daemon tells it, by the folder of its content. */
  async #findRoot(options: Options): Promise<string | undefined> {
    const { plugins } = await this.#context().client.introspection.plugins({ filters: [CONTENT] }, options);
    const content = plugins[0]?.exports["root"];
    return content === undefined ? undefined : dirname(content);
  }

  /** No daemon tells it. By default it is where the socket is; elsewhere, a shim that lives works in a bundle below it. */
  async #findState(): Promise<string | undefined> {
    const { client, host } = this.#context();
    const beside = dirname(client.address);
    if (await host.files.exists(join(beside, TASKS))) return host.files.realPath(beside);
    for (const { pid, address } of this.#shims()) {
      if (address !== client.address) continue;
      const bundle = await bundleOf(pid, (path) => host.files.realPath(path));
      const tasks = dirname(dirname(bundle ?? ""));
      if (basename(tasks) === TASKS) return dirname(tasks);
    }
    return undefined;
  }
}

async function bundleOf(pid: number, realPath: (path: string) => Promise<string>): Promise<string | undefined> {
  try {
    return await realPath(`/proc/${String(pid)}/cwd`);
  } catch (error) {
    // It has ended, or its bundle has been removed under it.
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}
