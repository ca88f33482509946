import type {
  Attach,
  AttachOptions,
  AttachSession,
  Audit,
  AuditReport,
  Container,
  ContainerChanges,
  ContainerEvent,
  ContainerExit,
  ContainerIO,
  ContainerProcess,
  ContainerRef,
  ContainerRequest,
  ContainerStats,
  Commit,
  CommitOptions,
  Copy,
  CopyToOptions,
  Diff,
  FileChange,
  DiskUsage,
  DiskUsageReport,
  Edit,
  Events,
  EventsOptions,
  Exec,
  ExecProcess,
  ExecRequest,
  Export,
  ID,
  Image,
  ImageArchives,
  ImageDetails,
  ImageHistoryEntry,
  ImageInspection,
  InspectImageOptions,
  ImageProblem,
  ImagePruneReport,
  ImagePruning,
  ImagePush,
  Images,
  ImageTags,
  ImageVerification,
  IOOptions,
  KillOptions,
  Labels,
  Lifecycle,
  ListOptions,
  LogEntry,
  Logs,
  LogsOptions,
  OperationOptions,
  PathStat,
  PruneImagesOptions,
  PruneVolumesOptions,
  Pause,
  PullOptions,
  Recover,
  RecoverOptions,
  RecoverReport,
  PushedImage,
  PushImageOptions,
  RemoveImageOptions,
  Runtime,
  RunOptions,
  SaveImagesOptions,
  Stats,
  StatsOptions,
  StopOptions,
  Supervise,
  SuperviseOptions,
  Supervision,
  Top,
  VolumePruneReport,
  VolumePruning,
  Wait,
  WaitOptions,
} from "@voiyd/runtime-api";
import { isId, parseSignal } from "@voiyd/runtime-api";
import { attachContainer } from "./attach/attach-container.js";
import { audit } from "./audit/audit.js";
import { cleanUp, cleanUpNetwork } from "./remove/clean-up.js";
import { deleteContainer } from "./remove/delete-container.js";
import { listContainers } from "./container/list-containers.js";
import { findRecord, getRecord } from "./container/lookup.js";
import type { ContainerRecord } from "./container/container-store.js";
import { readContainer } from "./container/read-container.js";
import type { RuntimeContext } from "./context.js";
import { diskUsage } from "./disk/disk-usage.js";
import { watchEvents } from "./events/watch-events.js";
import { mapped } from "./errors/map-error.js";
import { loadImages } from "./archive/load-images.js";
import { saveImages } from "./archive/save-images.js";
import { commitContainer } from "./commit/commit-container.js";
import { diffContainer } from "./files/diff-container.js";
import { exportFiles } from "./files/export-container.js";
import { copyFrom, copyTo, statPath } from "./files/copy-container.js";
import { getImage, listImages } from "./image/images.js";
import { imageHistory, inspectImage } from "./image/inspect-image.js";
import { pruneImages } from "./image/prune-images.js";
import { ContainerExecs } from "./exec/container-execs.js";
import { pullImage } from "./image/pull-image.js";
import { pushImage } from "./image/push-image.js";
import { removeImage } from "./image/remove-image.js";
import { tagImage, untagImage } from "./image/tag-image.js";
import { repairImage, verifyImage } from "./image/verify-image.js";
import { openIO } from "./io/container-io.js";
import { createContainer } from "./lifecycle/create-container.js";
import { listProcesses } from "./lifecycle/list-processes.js";
import { markedAsRestarting } from "./lifecycle/restart-mark.js";
import { containerLogs } from "./log/container-logs.js";
import { pauseContainer, resumeContainer } from "./lifecycle/pause-container.js";
import { renameContainer } from "./lifecycle/rename-container.js";
import { startContainer } from "./lifecycle/start-container.js";
import { updateContainer } from "./lifecycle/update-container.js";
import { RecoveryAtOpening } from "./recover/recovery-at-opening.js";
import { recoverAll } from "./recover/recover-all.js";
import { runContainer } from "./run/run-container.js";
import { lastEnd } from "./supervisor/last-end.js";
import { markStopped } from "./supervisor/mark-stopped.js";
import { Supervisor } from "./supervisor/supervisor.js";
import { watchStats } from "./stats/watch-stats.js";
import { acrossOutages } from "./task/across-outages.js";
import { recordExit } from "./task/record-exit.js";
import { SIGKILL, signalTask } from "./task/signal-task.js";
import { stopContainer, stopSignalOf } from "./task/stop-container.js";
import { stopTask } from "./task/stop-task.js";
import { waitForExit } from "./task/wait-for-exit.js";
import { pruneVolumes } from "./volume/prune-volumes.js";

/**
 * The `Runtime` contract over containerd. Holds nothing that another process could not find again: everything is in
 * containerd, in files named after the container, or with the network manager.
 *
 * Disposing it ends what it does in the background; it leaves the client and the network manager, which it was given,
 * and every container alone.
 */
export class ContainerdRuntime
  implements
    Runtime,
    Wait,
    Images,
    ImageArchives,
    ImageInspection,
    ImagePruning,
    ImagePush,
    ImageTags,
    ImageVerification,
    Attach,
    Commit,
    Copy,
    Diff,
    Exec,
    Export,
    Lifecycle,
    Logs,
    Pause,
    Recover,
    Audit,
    DiskUsage,
    VolumePruning,
    Edit,
    Events,
    Stats,
    Supervise,
    Top,
    AsyncDisposable
{
  readonly #context: RuntimeContext;
  readonly #execs: ContainerExecs;
  readonly #opening: RecoveryAtOpening | undefined;

  /** Use `createContainerdRuntime`. */
  constructor(context: RuntimeContext, recoverOnOpen: boolean) {
    this.#context = context;
    this.#execs = new ContainerExecs(context);
    this.#opening = recoverOnOpen ? new RecoveryAtOpening(context) : undefined;
  }

  list(options: ListOptions = {}): Promise<Container[]> {
    this.#opening?.start();
    return mapped("containers", () => listContainers(this.#context, options));
  }

  get(container: ContainerRef, options: OperationOptions = {}): Promise<Container> {
    return this.#with(container, options, (record, call) => readContainer(this.#context, record, call));
  }

  run(container: ContainerRequest, options: RunOptions = {}): Promise<Container> {
    this.#opening?.start();
    return mapped(`container ${container.meta.name}`, () => runContainer(this.#context, container, callOf(options)));
  }

  stop(container: ContainerRef, options: StopOptions = {}): Promise<void> {
    return this.#with(container, options, async (record, call) => {
      await markStopped(this.#context, record, call);
      await stopContainer(this.#context, record, options);
    });
  }

  kill(container: ContainerRef, options: KillOptions = {}): Promise<void> {
    return this.#with(container, options, async (record, call) => {
      const signal = options.killSignal === undefined ? SIGKILL : parseSignal(options.killSignal, "killSignal");
      const ends = async (): Promise<boolean> => signal === (await stopSignalOf(this.#context, record, call));
      // As Docker: who kills it, or asks it to end, does not want it back.
      if (record.supervised && (signal === SIGKILL || (await ends()))) await markStopped(this.#context, record, call);
      if (signal === SIGKILL) await stopTask(this.#context, record.id, { stopSignal: SIGKILL, timeoutMs: 0 }, call);
      else await signalTask(this.#context, record.id, signal, call);
    });
  }

  delete(container: ContainerRef, options: OperationOptions = {}): Promise<void> {
    return mapped(`container ${describeRef(container)}`, () =>
      deleteContainer(this.#context, container, callOf(options)),
    );
  }

  cleanup(id: string, options: OperationOptions = {}): Promise<void> {
    return mapped(`container ${id}`, async () => {
      const record = await findRecord(this.#context, id, callOf(options));
      if (record !== undefined) await cleanUp(this.#context, record, callOf(options));
      else if (isId(id)) await cleanUpNetwork(this.#context, id, callOf(options));
    });
  }

  async pull({ config }: ContainerRequest, options: PullOptions = {}): Promise<void> {
    const platform = config.platform === undefined ? {} : { platform: config.platform };
    await pullImage(this.#context, config.image, { ...platform, ...options });
  }

  labels(id: string, options: OperationOptions = {}): Promise<Labels> {
    return this.#with(id, options, (record) => Promise.resolve(record.stored().meta.labels));
  }

  io(id: string, options: IOOptions = {}): Promise<ContainerIO> {
    return this.#with(id, options, (record) => Promise.resolve(openIO(this.#context, record, options)));
  }

  async *logs(container: ContainerRef, options: LogsOptions = {}): AsyncGenerator<LogEntry, undefined> {
    const record = await this.#with(container, options, (found) => Promise.resolve(found));
    yield* containerLogs(this.#context, record, options);
    return undefined;
  }

  namespace(): string {
    return this.#context.namespace;
  }

  async version(options: OperationOptions = {}): Promise<string> {
    const { version } = await mapped("version", () => this.#context.client.version.version({}, callOf(options)));
    // Debian and others append their own: `1.6.20~ds1`.
    return `containerd/${version.replace(/^v/, "").replace(/[~+ ].*$/, "")}`;
  }

  id(idOrName: string, options: OperationOptions = {}): Promise<ID> {
    return this.#with(idOrName, options, (record) => Promise.resolve(record.id));
  }

  name(idOrName: string, options: OperationOptions = {}): Promise<string> {
    return this.#with(idOrName, options, (record) => Promise.resolve(record.name));
  }

  wait(container: ContainerRef, options: WaitOptions = {}): Promise<ContainerExit> {
    const context = this.#context;
    const call = callOf(options);
    return mapped(`container ${describeRef(container)}`, async () => {
      call.signal?.throwIfAborted();
      const record = await acrossOutages(context, () => getRecord(context, container, call), call);
      const { final = false } = options;
      if (record.exit !== undefined && !final) return record.exit;
      const exit = await (final ? lastEnd(context, record, call) : waitForExit(context, record.id, call));
      // No exit at all: there was no life that could have ended.
      if (exit.exitCode === "unknown" && record.phase === "created") return exit;
      // Written twice, it is the same.
      return acrossOutages(context, () => recordExit(context, record.id, exit, call), call);
    });
  }

  async pullImage(reference: string, options: PullOptions = {}): Promise<Image> {
    return this.getImage(await pullImage(this.#context, reference, options), callOf(options));
  }

  listImages(options: OperationOptions = {}): Promise<Image[]> {
    return listImages(this.#context, callOf(options));
  }

  getImage(reference: string, options: OperationOptions = {}): Promise<Image> {
    return getImage(this.#context, reference, callOf(options));
  }

  removeImage(reference: string, options: RemoveImageOptions = {}): Promise<void> {
    return removeImage(this.#context, reference, options.force ?? false, callOf(options));
  }

  tagImage(source: string, target: string, options: OperationOptions = {}): Promise<Image> {
    return tagImage(this.#context, source, target, callOf(options));
  }

  untagImage(reference: string, options: OperationOptions = {}): Promise<void> {
    return untagImage(this.#context, reference, callOf(options));
  }

  inspectImage(reference: string, options: InspectImageOptions = {}): Promise<ImageDetails> {
    return inspectImage(this.#context, reference, { ...callOf(options), platform: options.platform });
  }

  imageHistory(reference: string, options: InspectImageOptions = {}): Promise<ImageHistoryEntry[]> {
    return imageHistory(this.#context, reference, { ...callOf(options), platform: options.platform });
  }

  pruneImages(options: PruneImagesOptions = {}): Promise<ImagePruneReport> {
    return pruneImages(this.#context, options, callOf(options));
  }

  pushImage(reference: string, options: PushImageOptions = {}): Promise<PushedImage> {
    return pushImage(this.#context, reference, options);
  }

  saveImages(references: readonly string[], options: SaveImagesOptions = {}): AsyncIterable<Uint8Array> {
    return saveImages(this.#context, references, options);
  }

  loadImages(
    archive: AsyncIterable<Uint8Array>,
    options: Pick<PullOptions, "onProgress" | "signal"> = {},
  ): Promise<Image[]> {
    return loadImages(this.#context, archive, options);
  }

  verifyImage(reference: string, options: OperationOptions = {}): Promise<ImageProblem[]> {
    return verifyImage(this.#context, reference, callOf(options));
  }

  repairImage(reference: string, options: Pick<PullOptions, "onProgress" | "signal"> = {}): Promise<Image> {
    return repairImage(this.#context, reference, options.onProgress ?? (() => undefined), callOf(options));
  }

  exec(container: ContainerRef, request: ExecRequest, options: OperationOptions = {}): Promise<ExecProcess> {
    return this.#with(container, options, (record, call) => this.#execs.exec(record, request, call));
  }

  attach(container: ContainerRef, options: AttachOptions = {}): Promise<AttachSession> {
    return this.#with(container, options, (record) => attachContainer(this.#context, record, options));
  }

  create(container: ContainerRequest, options: OperationOptions = {}): Promise<Container> {
    this.#opening?.start();
    return mapped(`container ${container.meta.name}`, () => createContainer(this.#context, container, callOf(options)));
  }

  start(container: ContainerRef, options: OperationOptions = {}): Promise<Container> {
    return this.#with(container, options, (record, call) => startContainer(this.#context, record.id, call));
  }

  restart(container: ContainerRef, options: StopOptions = {}): Promise<Container> {
    return this.#with(container, options, async (record, call) => {
      const again = async (): Promise<Container> => {
        await markStopped(this.#context, record, call);
        await stopContainer(this.#context, record, options);
        return startContainer(this.#context, record.id, call);
      };
      return markedAsRestarting(this.#context, record.id, again);
    });
  }

  pause(container: ContainerRef, options: OperationOptions = {}): Promise<void> {
    return this.#with(container, options, (record, call) => pauseContainer(this.#context, record, call));
  }

  resume(container: ContainerRef, options: OperationOptions = {}): Promise<void> {
    return this.#with(container, options, (record, call) => resumeContainer(this.#context, record, call));
  }

  update(container: ContainerRef, changes: ContainerChanges, options: OperationOptions = {}): Promise<Container> {
    return this.#with(container, options, (record, call) => updateContainer(this.#context, record.id, changes, call));
  }

  rename(container: ContainerRef, name: string, options: OperationOptions = {}): Promise<Container> {
    return this.#with(container, options, (record, call) => renameContainer(this.#context, record.id, name, call));
  }

  supervise(options: SuperviseOptions = {}): Supervision {
    return new Supervisor(this.#context, this.#execs, options);
  }

  top(container: ContainerRef, options: OperationOptions = {}): Promise<ContainerProcess[]> {
    return this.#with(container, options, (record, call) => listProcesses(this.#context, record, call));
  }

  statPath(container: ContainerRef, path: string, options: OperationOptions = {}): Promise<PathStat> {
    return this.#with(container, options, (record, call) => statPath(this.#context, record, path, call));
  }

  async *copyFrom(
    container: ContainerRef,
    path: string,
    options: OperationOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const record = await this.#with(container, options, (found) => Promise.resolve(found));
    yield* copyFrom(this.#context, record, path, callOf(options));
  }

  copyTo(
    container: ContainerRef,
    path: string,
    archive: AsyncIterable<Uint8Array>,
    options: CopyToOptions = {},
  ): Promise<void> {
    return this.#with(container, options, (record) => copyTo(this.#context, record, path, archive, options));
  }

  async *exportFiles(
    container: ContainerRef,
    options: OperationOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const record = await this.#with(container, options, (found) => Promise.resolve(found));
    yield* exportFiles(this.#context, record, callOf(options));
  }

  diff(container: ContainerRef, options: OperationOptions = {}): Promise<FileChange[]> {
    return this.#with(container, options, (record, call) => diffContainer(this.#context, record, call));
  }

  commit(container: ContainerRef, reference: string, options: CommitOptions = {}): Promise<Image> {
    return this.#with(container, options, (record) => commitContainer(this.#context, record, reference, options));
  }

  diskUsage(options: OperationOptions = {}): Promise<DiskUsageReport> {
    return diskUsage(this.#context, callOf(options));
  }

  pruneVolumes(options: PruneVolumesOptions = {}): Promise<VolumePruneReport> {
    return pruneVolumes(this.#context, options, callOf(options));
  }

  audit(options: OperationOptions = {}): Promise<AuditReport> {
    return audit(this.#context, options);
  }

  recover(options: RecoverOptions = {}): Promise<RecoverReport> {
    return mapped("recovery", () => recoverAll(this.#context, options));
  }

  events(options: EventsOptions = {}): AsyncIterable<ContainerEvent> {
    return watchEvents(this.#context, options);
  }

  stats(options: StatsOptions = {}): AsyncIterable<readonly ContainerStats[]> {
    return watchStats(this.#context, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opening?.[Symbol.asyncDispose]();
    await this.#context.exits[Symbol.asyncDispose]();
    await this.#context.logs[Symbol.asyncDispose]();
  }

  #with<T>(
    ref: ContainerRef,
    options: OperationOptions,
    action: (record: ContainerRecord, call: { signal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const call = callOf(options);
    this.#opening?.start();
    return mapped(`container ${describeRef(ref)}`, async () => {
      call.signal?.throwIfAborted();
      return action(await getRecord(this.#context, ref, call), call);
    });
  }
}

function callOf(options: OperationOptions): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

function describeRef(ref: ContainerRef): string {
  return typeof ref === "string" ? JSON.stringify(ref) : ref.meta.name;
}
