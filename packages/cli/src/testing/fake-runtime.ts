import {
  generateId,
  RuntimeError,
  isId,
  type Container,
  type ContainerExit,
  type ContainerRef,
  type ContainerRequest,
  type ExecProcess,
  type Image,
} from "@voiyd/runtime-api";
import type { CommandRuntime } from "../commands/command.js";
import { fakeContainer } from "./fake-container.js";
import { fakeImages } from "./fake-images.js";

export interface FakeRuntime {
  readonly runtime: CommandRuntime;
  /** What was called, in order, as `stop web` or `kill web SIGINT`. */
  readonly calls: readonly string[];
  readonly requests: readonly ContainerRequest[];
  /** Ends every container that is waited for, now or later. */
  readonly exit: (exit: ContainerExit) => void;
}

/** A runtime that keeps nothing but what it is told; its methods can be replaced one by one. */
export function fakeRuntime(
  containers: readonly Container[] = [],
  overrides: Partial<CommandRuntime> = {},
): FakeRuntime {
  const calls: string[] = [];
  const requests: ContainerRequest[] = [];
  let exit: (exit: ContainerExit) => void = () => undefined;
  const exited = new Promise<ContainerExit>((resolve) => {
    exit = resolve;
  });
  const image: Image = {
    name: "docker.io/library/busybox:latest",
    digest: `sha256:${"1".repeat(64)}`,
    mediaType: "m",
    created: new Date(0),
  };
  const record = (...words: readonly (string | undefined)[]): void => {
    calls.push(words.filter((word) => word !== undefined).join(" "));
  };
  const find = (ref: ContainerRef): Container => {
    const name = nameOf(ref);
    const container = containers.find(({ meta, status }) => meta.name === name || status.id === name);
    if (container === undefined) throw new RuntimeError("NOT_FOUND", `there is no container "${name}"`);
    return container;
  };
  const runtime: CommandRuntime = {
    list: () => Promise.resolve([...containers]),
    get: async (ref) => find(ref),
    run: async (request) => {
      record("run", request.meta.name);
      requests.push(request);
      return fakeContainer(request);
    },
    stop: async (ref, options) => {
      record("stop", find(ref).meta.name, options?.stopSignal, options?.timeoutMs?.toString());
    },
    kill: async (ref, options) => {
      record("kill", short(nameOf(ref)), options?.killSignal);
    },
    delete: async (ref) => {
      record("delete", short(nameOf(ref)));
    },
    cleanup: async (id) => {
      record("cleanup", find(id).meta.name);
    },
    pull: async (request) => {
      record("pull", request.config.image);
    },
    labels: async (id) => find(id).meta.labels,
    io: async () => ({ stdout: streamOf([]), stderr: streamOf([]) }),
    namespace: () => "voiyd",
    version: async () => "fake/1",
    id: async (name) => find(name).status.id,
    name: async (name) => find(name).meta.name,
    wait: async (ref, { final = false } = {}) => {
      record("wait", short(nameOf(ref)), final ? "final" : undefined);
      return exited;
    },
    pullImage: async (reference, { platform } = {}) => {
      record("pull", reference, platform);
      return { ...image, name: `docker.io/library/${reference}:latest` };
    },
    listImages: () => Promise.resolve([image]),
    getImage: async (reference) => {
      if (reference === image.name) return image;
      throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image "${reference}"`);
    },
    removeImage: async (reference, options) => {
      record("rmi", reference, options?.force === true ? "force" : undefined);
    },
    ...fakeImages(image, record),
    exec: async (ref, request) => {
      record("exec", find(ref).meta.name, ...request.args);
      return fakeExec(exited);
    },
    attach: async (ref) => {
      record("attach", short(nameOf(ref)));
      return {
        tty: false,
        stdout: streamOf([]),
        stderr: streamOf([]),
        resize: async () => undefined,
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    create: async (request) => {
      record("create", request.meta.name);
      requests.push(request);
      return fakeContainer(request);
    },
    start: async (ref) => {
      record("start", find(ref).meta.name);
      return find(ref);
    },
    restart: async (ref, options) => {
      record("restart", find(ref).meta.name, options?.stopSignal, options?.timeoutMs?.toString());
      return find(ref);
    },
    supervise: () => {
      record("supervise");
      return { active: Promise.resolve(), ended: Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
    },
    pause: async (ref) => {
      record("pause", find(ref).meta.name);
    },
    resume: async (ref) => {
      record("resume", find(ref).meta.name);
    },
    rename: async (ref, name) => {
      record("rename", find(ref).meta.name, name);
      return find(ref);
    },
    update: async (ref, changes) => {
      record("update", find(ref).meta.name, JSON.stringify(changes));
      return find(ref);
    },
    audit: async () => {
      record("audit");
      return { findings: [{ severity: "ok", subject: "containerd", meaning: "it answers" }] };
    },
    recover: async ({ dryRun = false } = {}) => {
      record("recover", dryRun ? "dry" : undefined);
      return { dryRun, found: [], done: [], failed: [] };
    },
    diskUsage: async () => {
      record("df");
      return {
        images: [],
        imageBytes: 0,
        reclaimableImageBytes: 0,
        containers: [],
        volumes: [],
        cache: [],
        orphans: [],
      };
    },
    pruneVolumes: async ({ dryRun = false } = {}) => {
      record("prune volumes", dryRun ? "dry" : undefined);
      return { removed: [], kept: [] };
    },
    events: async function* () {
      record("events");
    },
    stats: async function* () {
      record("stats");
    },
    diff: async (ref) => {
      record("diff", find(ref).meta.name);
      return [
        { kind: "changed", path: "/etc" },
        { kind: "added", path: "/etc/new" },
        { kind: "deleted", path: "/old" },
      ];
    },
    exportFiles: async function* (ref) {
      record("export", short(nameOf(ref)));
      yield new TextEncoder().encode("archive");
    },
    commit: async (ref, reference, { author, message, changes = [], pause = true } = {}) => {
      record("commit", find(ref).meta.name, reference, author, message, ...changes, pause ? undefined : "unpaused");
      return { ...image, name: reference };
    },
    statPath: async (ref, path) => {
      record("stat", find(ref).meta.name, path);
      throw new RuntimeError("NOT_FOUND", `there is no ${path}`, { details: { path } });
    },
    copyFrom: async function* (ref, path) {
      record("copy from", find(ref).meta.name, path);
      yield new Uint8Array(1024);
    },
    copyTo: async (ref, path, archive, options) => {
      let size = 0;
      for await (const chunk of archive) size += chunk.length;
      const owners = options?.keepOwners === true ? "with owners" : undefined;
      record("copy to", find(ref).meta.name, path, String(size), owners);
    },
    top: async (ref) => {
      record("top", find(ref).meta.name);
      return [];
    },
    ...overrides,
  };
  return { runtime, calls, requests, exit };
}

/** A process in a container that says nothing, and ends when the containers do. */
export function fakeExec(exited: Promise<ContainerExit>, parts: Partial<ExecProcess> = {}): ExecProcess {
  return {
    id: generateId(),
    pid: 4711,
    stdout: streamOf([]),
    stderr: streamOf([]),
    exited,
    kill: async () => undefined,
    resize: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
    ...parts,
  };
}

export function streamOf(chunks: readonly (Uint8Array | string)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
}

/** A stream without a word, which ends only when everything else has had its turn. */
export function slowly(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      setTimeout(() => {
        controller.close();
      }, 20);
    },
  });
}

function nameOf(ref: ContainerRef): string {
  return typeof ref === "string" ? ref : ref.meta.name;
}

/** Full ids make tests hard to read. */
function short(name: string): string {
  return isId(name) && name.length === 64 ? name.slice(0, 4) : name;
}
