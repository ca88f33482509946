import type { ContainerdClientOptions } from "@voiyd/containerd-client";
import { InlineExecutor, type PluginExecutor, runProcess } from "@voiyd/networking-cni";
import { createHost, type Host } from "@voiyd/runtime-containerd";
import type { Steps } from "./steps.js";

type Interceptor = NonNullable<ContainerdClientOptions["interceptors"]>[number];

/** Reads: to break them is to break what follows them, and there are many. */
const READS =
  /^(Get|List|ListStream|Stat|Info|Version|Status|Mounts|Usage|Metrics|Read|ListStatuses|Wait|ListResources)$/;

/** The steps of the operation under way; between operations nothing is counted. */
export type Current = () => Steps | undefined;

/** Calls of containerd that change something. */
export function callsOf(current: Current): Interceptor {
  return (next) => (request) => {
    const steps = current();
    const { method } = request;
    if (steps === undefined || READS.test(method.name)) return next(request);
    const service = method.parent.typeName.split(".").at(-1) ?? "";
    return steps.take(`${service}.${method.name}`, () => next(request));
  };
}

/** Files and programs of the runtime. */
export function hostOf(current: Current): Host {
  const host = createHost();
  const { files } = host;
  const through = <T>(name: string, step: () => Promise<T>): Promise<T> => {
    const steps = current();
    return steps === undefined ? step() : steps.take(name, step);
  };
  return {
    ...host,
    command: (file, args, options) => through(file, () => host.command(file, args, options)),
    files: {
      ...files,
      makePrivateDirectory: (path) => through("mkdir", () => files.makePrivateDirectory(path)),
      createPrivateFile: (path) => through("create", () => files.createPrivateFile(path)),
      writeInPlace: (path, text, mode) => through("write", () => files.writeInPlace(path, text, mode)),
      append: (path, text) => through("append", () => files.append(path, text)),
      rename: (path, target) => through("rename", () => files.rename(path, target)),
      truncate: (path) => through("truncate", () => files.truncate(path)),
      remove: (path) => through("remove", () => files.remove(path)),
      removeEmptyDirectory: (path) => through("rmdir", () => files.removeEmptyDirectory(path)),
      removeFlatDirectory: (path) => through("rmdir", () => files.removeFlatDirectory(path)),
    },
  };
}

/** Plugins, and the programs of the network manager. */
export function pluginsOf(current: Current): PluginExecutor {
  const run: typeof runProcess = (request) => {
    const steps = current();
    const name = request.file.split("/").at(-1) ?? "";
    return steps === undefined ? runProcess(request) : steps.take(name, () => runProcess(request));
  };
  const executor = new InlineExecutor(run);
  return {
    find: (type, folders) => executor.find(type, folders),
    exec: (invocation) => executor.exec(invocation),
    run,
  };
}
