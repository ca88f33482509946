import type { Mount } from "@voiyd/containerd-client";
import type { ContainerConfig, ID } from "@voiyd/runtime-api";
import { writeSpec } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { listHostDevices } from "../host/devices.js";
import type { ReadyImage } from "../image/ready-image.js";
import { createLogFiles } from "../io/log-files.js";
import { readImageFile } from "../snapshot/image-file.js";
import { mountRootfs, type MountedRootfs } from "../snapshot/mounted-rootfs.js";
import { buildSpec, type SpecNetwork } from "../spec/build-spec.js";
import type { Spec, SpecUser } from "../spec/oci.js";
import { resolveUser } from "../spec/user/resolve-user.js";
import { createNameFiles, nameMounts, stateDirectory } from "./name-files.js";
import { mapTaskError } from "./task-error.js";

export interface TaskInput {
  readonly id: ID;
  readonly name: string;
  readonly config: ContainerConfig;
  readonly image: ReadyImage;
  readonly hostname: string;
  /** Resolves when the network namespace can be joined. */
  readonly network: Promise<SpecNetwork>;
}

type Options = { signal?: AbortSignal };

/** Snapshot, files, user, spec, task, in the order in which they need each other. Returns the process id. */
export async function createTask(context: RuntimeContext, input: TaskInput, options: Options): Promise<number> {
  const { id, name, image } = input;
  const [{ mounts }, log] = await Promise.all([
    mapped(`snapshot of container ${name}`, () =>
      context.client.snapshots.prepare({ snapshotter: context.snapshotter, key: id, parent: image.chainId }, options),
    ),
    mapped(`logs of container ${name}`, () => createLogFiles(context, name)),
    mapped(`files of container ${name}`, () => createNameFiles(context, id, input.hostname)),
  ]);
  const user = await findUser(context, input, mounts, options);
  const spec = await specOf(context, input, user);
  await writeSpec(context, id, spec, options);
  try {
    const { pid } = await context.client.tasks.create(
      { containerId: id, rootfs: mounts, stdout: log.stdout, stderr: log.stderr },
      options,
    );
    return pid;
  } catch (error) {
    throw mapTaskError(error, name, spec.process.args);
  }
}

async function specOf(context: RuntimeContext, input: TaskInput, user: SpecUser): Promise<Spec> {
  const { id, config, image } = input;
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
    ownMounts: nameMounts(context, id, config),
    devices: config.privileged === true ? await listHostDevices() : [],
  });
}

/** The image's files are opened only if the user cannot be told without them, and once. */
async function findUser(
  context: RuntimeContext,
  input: TaskInput,
  mounts: readonly Mount[],
  options: Options,
): Promise<SpecUser> {
  let mounted: Promise<MountedRootfs> | undefined;
  try {
    return await resolveUser(input.config.user ?? input.image.config.config.user ?? "", async (path) => {
      mounted ??= mountRootfs(mounts, stateDirectory(context, input.id), options);
      return readImageFile(context.host.files, (await mounted).root, path);
    });
  } finally {
    const rootfs = await mounted?.catch(() => undefined);
    await rootfs?.[Symbol.asyncDispose]();
  }
}
