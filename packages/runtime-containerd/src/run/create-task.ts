import { isContainerdError, type Mount } from "@voiyd/containerd-client";
import { type ContainerConfig, type ID, RuntimeError } from "@voiyd/runtime-api";
import { writeSpec } from "../container/container-store.js";
import { lateSignal } from "../concurrency/late-signal.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { listHostDevices } from "../host/devices.js";
import type { ReadyImage } from "../image/ready-image.js";
import { taskIO } from "../attach/task-io.js";
import { createLogFiles } from "../io/log-files.js";
import type { PreparedRequest } from "../request/prepare-request.js";
import { createSharedMemory } from "../request/shared-memory.js";
import { assertIdsMapped, idMapLabels } from "../snapshot/id-mapping.js";
import { readLayerFile } from "../snapshot/layer-file.js";
import { SnapshotFiles } from "../snapshot/snapshot-files.js";
import { buildSpec, type SpecNetwork } from "../spec/build-spec.js";
import { withPreset } from "../spec/hardened.js";
import type { Spec } from "../spec/oci.js";
import { prepareVolumes } from "../volume/prepare-volumes.js";
import { withImageVolumes } from "../volume/image-volumes.js";
import { imageUser } from "./image-user.js";
import { createNameFiles, nameMounts, stateDirectory } from "./name-files.js";
import { mapTaskError } from "./task-error.js";

export interface TaskInput {
  readonly id: ID;
  readonly name: string;
  readonly config: ContainerConfig;
  readonly image: ReadyImage;
  readonly prepared: PreparedRequest;
  readonly hostname: string;
  /** Resolves when the network namespace can be joined. */
  readonly network: Promise<SpecNetwork>;
}

type Options = { signal?: AbortSignal };

/** How long a task that is being made when it is not wanted any more is waited for, in milliseconds. */
const FINISH_MS = 10_000;

/** Snapshot, files, user, spec, task, in the order in which they need each other. Returns the process id. */
export async function createTask(context: RuntimeContext, input: TaskInput, options: Options): Promise<number> {
  const { spec, mounts } = await makeFiles(context, input, options);
  return makeTask(context, input, spec.process.args, mounts, options);
}

/** A task over a container's files. Its output goes to plain files, so that nobody has to read it; see `io/log-files`. */
export async function makeTask(
  context: RuntimeContext,
  { id, name, config }: Pick<TaskInput, "id" | "name" | "config">,
  args: readonly string[],
  rootfs: Mount[],
  options: Options,
): Promise<number> {
  // Containerd would take it, fail, and answer every later call for this id that its folder exists.
  if (rootfs.length === 0) {
    throw new RuntimeError("INTERNAL", `container ${name}: snapshotter ${context.snapshotter} gave it no file system`);
  }
  const io = await taskIO(context, { id, name, config }, options);
  options.signal?.throwIfAborted();
  // Given up in the middle, containerd may leave a shim that starts after all that looked for it has looked.
  using late = lateSignal(options.signal, FINISH_MS);
  const create = async (): Promise<number> =>
    (await context.client.tasks.create({ containerId: id, rootfs, ...io }, late)).pid;
  try {
    return await create().catch(async (error: unknown) => {
      if (!isBundleInTheWay(error)) throw error;
      // Of a task that a daemon which died was making or removing: with no shim to it, the folders are nobody's.
      await context.taskFolders.remove(id, options);
      return create();
    });
  } catch (error) {
    throw mapTaskError(error, name, args);
  }
}

/** Containerd has one folder for each task, and makes no task where one is already (seen with 1.6 to 2.x). */
function isBundleInTheWay(error: unknown): boolean {
  return isContainerdError(error) && /mkdir \S*: file exists/.test(error.message);
}

/** Everything of a container but its task: snapshot, logs, name files, specification. */
export async function makeFiles(
  context: RuntimeContext,
  input: TaskInput,
  options: Options,
): Promise<{ readonly spec: Spec; readonly mounts: Mount[] }> {
  const { id, name, image, config, hostname } = input;
  const [{ mounts }] = await Promise.all([
    mapped(`snapshot of container ${name}`, () =>
      context.client.snapshots.prepare(
        { snapshotter: context.snapshotter, key: id, parent: image.chainId, labels: idMapLabels(config) },
        options,
      ),
    ),
    mapped(`logs of container ${name}`, () => createLogFiles(context, name)),
    mapped(`files of container ${name}`, () => createNameFiles(context, { id, hostname, config })),
  ]);
  assertIdsMapped(config, mounts);
  const spec = await specOf(context, input, mounts, options);
  await writeSpec(context, id, spec, options);
  return { spec, mounts };
}

/** The snapshot's files are opened only if something of the request cannot be told without them. */
async function specOf(
  context: RuntimeContext,
  input: TaskInput,
  mounts: readonly Mount[],
  options: Options,
): Promise<Spec> {
  const { id, image, prepared } = input;
  const asked = withPreset(input.config);
  const { volumes: imageVolumes } = image.config.config;
  const config = {
    ...asked,
    mounts: withImageVolumes(image.name, asked.mounts ?? [], imageVolumes, prepared.facts.shared),
  };
  const files = new SnapshotFiles({
    files: context.host.files,
    mounts,
    directory: stateDirectory(context, id),
    opacity: context.host.opacity,
    fromLayers: (path) => readLayerFile(context.client.content, image.layers, path, options),
    ...options,
  });
  try {
    const user = await imageUser(context, image, config, (path) => files.read(path));
    const volumes = await prepareVolumes(context, id, config, () => files.root(), options);
    const shm =
      config.namespaces?.ipc === "shareable"
        ? await createSharedMemory(context, id, config, options)
        : prepared.facts.shm;
    return buildSpec({
      id,
      namespace: context.namespace,
      config,
      image: {
        env: image.config.config.env,
        entrypoint: image.config.config.entrypoint,
        cmd: image.config.config.cmd,
        workingDir: image.config.config.workingDir,
      },
      host: context.host.facts,
      user,
      hostname: input.hostname,
      network: await input.network,
      ownMounts: nameMounts(context, prepared.joined.names?.id ?? id, config),
      devices: config.privileged === true ? await listHostDevices() : [],
      found: { ...prepared.facts, volumes, ...(shm === undefined ? {} : { shm }) },
    });
  } finally {
    await files[Symbol.asyncDispose]();
  }
}
