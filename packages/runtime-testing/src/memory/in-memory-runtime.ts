import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  CommitOptions,
  Container,
  ContainerEvent,
  ContainerExit,
  ContainerIO,
  ContainerRef,
  ContainerRequest,
  CopyToOptions,
  EventsOptions,
  FileChange,
  ID,
  Image,
  ImageDetails,
  ImageHistoryEntry,
  ImagePruneReport,
  InspectImageOptions,
  IOOptions,
  KillOptions,
  Labels,
  LogEntry,
  LogsOptions,
  ListOptions,
  OperationOptions,
  PathStat,
  PruneImagesOptions,
  PullOptions,
  PushedImage,
  PushImageOptions,
  RemoveImageOptions,
  RunOptions,
  SaveImagesOptions,
  StopOptions,
  SuperviseOptions,
  Supervision,
  WaitOptions,
} from "@voiyd/runtime-api";
import { invalid, RuntimeError } from "@voiyd/runtime-api";
import { collect } from "../archive/collect.js";
import { abortable } from "./abortable.js";
import { commitContainer } from "./commit-container.js";
import { copyOf } from "./copy.js";
import { imageHistory } from "./describe-image.js";
import { readImages, writeImages } from "./image-archive.js";
import { lastExit } from "./last-end.js";
import type { MemoryContainer } from "./memory-container.js";
import { MemoryHost } from "./memory-host.js";
import { memoryLogs } from "./memory-logs.js";
import type { ImageUse } from "./memory-images.js";
import { MemorySupervision } from "./memory-supervision.js";
import type { MemoryRuntime } from "./memory-runtime.js";
import type { MemoryRuntimeOptions } from "./options.js";
import { normalizeReference } from "./reference.js";
import { runContainer } from "./run-container.js";
import { killContainer, stopContainer } from "./stop-container.js";

const VERSION = "memory/0.1.0";

/** Every method lets others have their turn first, so that no caller can rely on an answer within the same one. */
export class InMemoryRuntime implements MemoryRuntime {
  readonly #host: MemoryHost;

  constructor(options: MemoryRuntimeOptions) {
    this.#host = new MemoryHost(options);
  }

  async list({ labels = {}, signal }: ListOptions = {}): Promise<Container[]> {
    await turn(signal);
    const wanted = Object.entries(labels);
    return this.#host.containers
      .all()
      .map(({ snapshot }) => snapshot)
      .filter(({ meta }) =>
        wanted.every(([key, value]) => Object.hasOwn(meta.labels, key) && meta.labels[key] === value),
      );
  }

  async get(ref: ContainerRef, options: OperationOptions = {}): Promise<Container> {
    return (await this.#find(ref, options)).snapshot;
  }

  async run(request: ContainerRequest, options: RunOptions = {}): Promise<Container> {
    return runContainer(this.#host, request, options);
  }

  async stop(ref: ContainerRef, options: StopOptions = {}): Promise<void> {
    await stopContainer(this.#host, await this.#find(ref, options), options);
  }

  async kill(ref: ContainerRef, options: KillOptions = {}): Promise<void> {
    await killContainer(this.#host, await this.#find(ref, options), options);
  }

  async delete(ref: ContainerRef, { signal }: OperationOptions = {}): Promise<void> {
    await turn(signal);
    const container = this.#host.containers.find(ref);
    if (container !== undefined) await this.#delete(container);
  }

  async cleanup(id: string, { signal }: OperationOptions = {}): Promise<void> {
    await turn(signal);
    const container = this.#host.containers.find(id);
    if (container === undefined) return;
    this.#host.ports.release(container.id);
    container.cleanUp();
  }

  async pull({ config }: ContainerRequest, options: PullOptions = {}): Promise<void> {
    await this.pullImage(config.image, options);
  }

  async labels(id: string, options: OperationOptions = {}): Promise<Labels> {
    return (await this.get(id, options)).meta.labels;
  }

  async io(id: string, { follow = false, signal }: IOOptions = {}): Promise<ContainerIO> {
    const { stdout, stderr } = await this.#find(id, signal === undefined ? {} : { signal });
    return { stdout: stdout.read(follow, signal), stderr: stderr.read(follow, signal) };
  }

  async *logs(ref: ContainerRef, options: LogsOptions = {}): AsyncGenerator<LogEntry, undefined> {
    yield* memoryLogs(this.#host, await this.#find(ref, options), options);
    return undefined;
  }

  namespace(): string {
    return this.#host.namespace;
  }

  async version({ signal }: OperationOptions = {}): Promise<string> {
    await turn(signal);
    return VERSION;
  }

  async id(idOrName: string, options: OperationOptions = {}): Promise<ID> {
    return (await this.#find(idOrName, options)).id;
  }

  async name(idOrName: string, options: OperationOptions = {}): Promise<string> {
    return (await this.#find(idOrName, options)).name;
  }

  async wait(ref: ContainerRef, options: WaitOptions = {}): Promise<ContainerExit> {
    const container = await this.#find(ref, options);
    const { final = false, signal } = options;
    const exit = await (final ? lastExit(this.#host, container, signal) : abortable(container.exited, signal));
    if (exit !== undefined) return copyOf(exit);
    throw new RuntimeError("NOT_FOUND", `container ${container.name} was deleted before it ran`, {
      details: { container: container.id },
    });
  }

  async pullImage(reference: string, { onProgress = (): void => {}, signal }: PullOptions = {}): Promise<Image> {
    await turn(signal);
    return this.#host.images.pull(reference, this.#host.clock.now(), onProgress);
  }

  async listImages({ signal }: OperationOptions = {}): Promise<Image[]> {
    await turn(signal);
    return this.#host.images.list();
  }

  async getImage(reference: string, { signal }: OperationOptions = {}): Promise<Image> {
    await turn(signal);
    return { ...this.#host.images.get(reference).image };
  }

  async removeImage(reference: string, { force = false, signal }: RemoveImageOptions = {}): Promise<void> {
    await turn(signal);
    this.#host.images.remove(reference, force ? [] : this.#uses());
  }

  async tagImage(source: string, target: string, { signal }: OperationOptions = {}): Promise<Image> {
    await turn(signal);
    return this.#host.images.tag(source, target, this.#host.clock.now());
  }

  async untagImage(reference: string, { signal }: OperationOptions = {}): Promise<void> {
    await turn(signal);
    this.#host.images.untag(reference);
  }

  async pruneImages({ signal, ...options }: PruneImagesOptions = {}): Promise<ImagePruneReport> {
    await turn(signal);
    return this.#host.images.prune(this.#uses(), options);
  }

  async inspectImage(reference: string, { platform, signal }: InspectImageOptions = {}): Promise<ImageDetails> {
    await turn(signal);
    return this.#host.images.inspect(reference, platform, this.#uses());
  }

  async imageHistory(reference: string, { platform, signal }: InspectImageOptions = {}): Promise<ImageHistoryEntry[]> {
    await turn(signal);
    this.#host.images.inspect(reference, platform, this.#uses()); // whether it is here for that platform
    return imageHistory(this.#host.images.get(reference).stored);
  }

  async pushImage(reference: string, options: PushImageOptions = {}): Promise<PushedImage> {
    await turn(options.signal);
    return this.#host.images.push(reference, options, options.onProgress ?? ((): void => {}));
  }

  async *saveImages(
    references: readonly string[],
    { platform, signal }: SaveImagesOptions = {},
  ): AsyncGenerator<Uint8Array, undefined> {
    await turn(signal);
    if (references.length === 0) throw invalid("references", references, "at least one image");
    const images = references.map((reference) => this.#host.images.get(reference, platform));
    yield writeImages(images.map(({ image, stored }) => ({ name: image.name, stored })));
    return undefined;
  }

  async loadImages(
    archive: AsyncIterable<Uint8Array>,
    { onProgress = (): void => {}, signal }: Pick<PullOptions, "onProgress" | "signal"> = {},
  ): Promise<Image[]> {
    await turn(signal);
    const images = readImages(await abortable(collect(archive), signal));
    return images.map((named) => {
      onProgress({ phase: "done", kind: "image", subject: named.name });
      return this.#host.images.put(named, this.#host.clock.now());
    });
  }

  async statPath(ref: ContainerRef, path: string, options: OperationOptions = {}): Promise<PathStat> {
    return (await this.#find(ref, options)).files.stat(path);
  }

  async *copyFrom(
    ref: ContainerRef,
    path: string,
    options: OperationOptions = {},
  ): AsyncGenerator<Uint8Array, undefined> {
    yield (await this.#find(ref, options)).files.archive(path);
    return undefined;
  }

  async copyTo(
    ref: ContainerRef,
    path: string,
    archive: AsyncIterable<Uint8Array>,
    options: CopyToOptions = {},
  ): Promise<void> {
    await (await this.#find(ref, options)).files.unpack(path, archive, options.signal);
  }

  async *exportFiles(ref: ContainerRef, options: OperationOptions = {}): AsyncGenerator<Uint8Array, undefined> {
    yield (await this.#find(ref, options)).files.export();
    return undefined;
  }

  async diff(ref: ContainerRef, options: OperationOptions = {}): Promise<FileChange[]> {
    return (await this.#find(ref, options)).files.diff();
  }

  async commit(ref: ContainerRef, reference: string, options: CommitOptions = {}): Promise<Image> {
    return commitContainer(this.#host, await this.#find(ref, options), reference, options);
  }

  events(options: EventsOptions = {}): AsyncIterable<ContainerEvent> {
    const { images, ...filters } = options.filters ?? {};
    const wanted = images === undefined ? filters : { ...filters, images: images.map(normalizeReference) };
    return this.#host.events.read({ ...options, filters: wanted }, this.#host.clock);
  }

  supervise(options: SuperviseOptions = {}): Supervision {
    return new MemorySupervision(this.#host, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#host.containers.all().map(async (container) => this.#delete(container)));
  }

  #uses(): ImageUse[] {
    return this.#host.containers
      .all()
      .map(({ id, name, snapshot }) => ({ id, container: name, image: snapshot.config.image }));
  }

  async #find(ref: ContainerRef, { signal }: OperationOptions): Promise<MemoryContainer> {
    await turn(signal);
    return this.#host.containers.get(ref);
  }

  async #delete(container: MemoryContainer): Promise<void> {
    const { name } = container;
    container.deleted.abort(
      new RuntimeError("FAILED_PRECONDITION", `container ${name} was deleted while it was being made`),
    );
    await killContainer(this.#host, container, {});
    this.#host.remove(container);
  }
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await nextTurn();
  signal?.throwIfAborted();
}
