import type { Runtime } from "@voiyd/runtime-api";
import type { MemoryRuntime } from "../memory/memory-runtime.js";

type Everything = Omit<MemoryRuntime, typeof Symbol.asyncDispose>;

/** What is wrong with a runtime, and the part of the suite that must notice. */
export interface Defect {
  readonly name: string;
  readonly noticedBy: string;
  readonly change: (honest: MemoryRuntime) => Partial<Everything>;
}

/** The runtime with some methods replaced by defective ones. */
export function withDefect(honest: MemoryRuntime, { change }: Defect): Runtime {
  const all: Everything = {
    list: (options) => honest.list(options),
    get: (ref, options) => honest.get(ref, options),
    run: (request, options) => honest.run(request, options),
    stop: (ref, options) => honest.stop(ref, options),
    kill: (ref, options) => honest.kill(ref, options),
    delete: (ref, options) => honest.delete(ref, options),
    cleanup: (id, options) => honest.cleanup(id, options),
    pull: (request, options) => honest.pull(request, options),
    labels: (id, options) => honest.labels(id, options),
    io: (id, options) => honest.io(id, options),
    namespace: () => honest.namespace(),
    version: (options) => honest.version(options),
    id: (idOrName, options) => honest.id(idOrName, options),
    name: (idOrName, options) => honest.name(idOrName, options),
    wait: (ref, options) => honest.wait(ref, options),
    pullImage: (reference, options) => honest.pullImage(reference, options),
    listImages: (options) => honest.listImages(options),
    getImage: (reference, options) => honest.getImage(reference, options),
    removeImage: (reference, options) => honest.removeImage(reference, options),
    tagImage: (source, target, options) => honest.tagImage(source, target, options),
    untagImage: (reference, options) => honest.untagImage(reference, options),
    pruneImages: (options) => honest.pruneImages(options),
    inspectImage: (reference, options) => honest.inspectImage(reference, options),
    imageHistory: (reference, options) => honest.imageHistory(reference, options),
    saveImages: (references, options) => honest.saveImages(references, options),
    loadImages: (archive, options) => honest.loadImages(archive, options),
    pushImage: (reference, options) => honest.pushImage(reference, options),
    logs: (container, options) => honest.logs(container, options),
    events: (options) => honest.events(options),
    supervise: (options) => honest.supervise(options),
    statPath: (ref, path, options) => honest.statPath(ref, path, options),
    copyFrom: (ref, path, options) => honest.copyFrom(ref, path, options),
    copyTo: (ref, path, archive, options) => honest.copyTo(ref, path, archive, options),
    exportFiles: (ref, options) => honest.exportFiles(ref, options),
    diff: (ref, options) => honest.diff(ref, options),
    commit: (ref, reference, options) => honest.commit(ref, reference, options),
  };
  return { ...all, ...change(honest) };
}
