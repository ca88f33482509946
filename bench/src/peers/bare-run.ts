import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import * as containers from "@voiyd/containerd-client/api/containerd/services/containers/v1/containers";
import * as images from "@voiyd/containerd-client/api/containerd/services/images/v1/images";
import * as leases from "@voiyd/containerd-client/api/containerd/services/leases/v1/leases";
import * as snapshots from "@voiyd/containerd-client/api/containerd/services/snapshots/v1/snapshots";
import * as tasks from "@voiyd/containerd-client/api/containerd/services/tasks/v1/tasks";
import { NAMESPACE, type Stage } from "../stage/stage.js";
import { BareConnection } from "./bare-connection.js";

const SERVICES = "/containerd.services.";
type Container = NonNullable<MessageShape<typeof containers.GetContainerResponseSchema>["container"]>;

/**
 * The calls of one `run` without network, made one after the other by a bare script: no checks, no network namespace of
 * its own outside of the container, no name files, no records of what was done. What containerd and the kernel need is
 * all that is left. Its container is a copy of one that our runtime made.
 */
export class BareRun {
  readonly #connection: BareConnection;
  readonly #model: Container;
  readonly #parent: string;
  readonly #folder: string;

  private constructor(connection: BareConnection, model: Container, parent: string, folder: string) {
    this.#connection = connection;
    this.#model = model;
    this.#parent = parent;
    this.#folder = folder;
  }

  static async open(stage: Stage, args: readonly string[]): Promise<BareRun> {
    const { status } = await stage.runtime.run({
      meta: { name: "bare-model" },
      config: { image: stage.busybox, args: [...args], network: "none" },
    });
    const { container } = await stage.client.containers.get({ id: status.id });
    if (container === undefined) throw new Error("the model container has no record");
    const { info } = await stage.client.snapshots.stat({
      snapshotter: container.snapshotter,
      key: container.snapshotKey,
    });
    await stage.runtime.delete(status.id);
    const folder = join(stage.directory, "bare-run");
    await mkdir(folder, { recursive: true });
    return new BareRun(new BareConnection(stage.host.address, NAMESPACE), container, info?.parent ?? "", folder);
  }

  /** Makes and starts a container; resolves with its id. */
  async run(): Promise<string> {
    const id = createHash("sha256").update(randomBytes(16)).digest("hex");
    const model = this.#model;
    const spec = create(AnySchema, { typeUrl: model.spec?.typeUrl ?? "", value: this.#spec(id) });
    const log = join(this.#folder, id);
    await Promise.all([writeFile(`${log}.out`, ""), writeFile(`${log}.err`, "")]);
    await this.#call("images.v1.Images/Get", images.GetImageRequestSchema, { name: model.image });
    await this.#call("snapshots.v1.Snapshots/Stat", snapshots.StatSnapshotRequestSchema, {
      snapshotter: model.snapshotter,
      key: this.#parent,
    });
    await this.#call("leases.v1.Leases/Create", leases.CreateRequestSchema, { id: `bare-${id}` });
    const container = { ...model, id, snapshotKey: id, labels: {} };
    await this.#call("containers.v1.Containers/Create", containers.CreateContainerRequestSchema, { container });
    const prepared = await this.#call("snapshots.v1.Snapshots/Prepare", snapshots.PrepareSnapshotRequestSchema, {
      snapshotter: model.snapshotter,
      key: id,
      parent: this.#parent,
    });
    const { mounts } = fromBinary(snapshots.PrepareSnapshotResponseSchema, prepared);
    await this.#call("containers.v1.Containers/Update", containers.UpdateContainerRequestSchema, {
      container: { ...container, spec },
      updateMask: { paths: ["spec"] },
    });
    await this.#call("tasks.v1.Tasks/Create", tasks.CreateTaskRequestSchema, {
      containerId: id,
      rootfs: mounts,
      stdout: `${log}.out`,
      stderr: `${log}.err`,
    });
    await this.#call("tasks.v1.Tasks/Start", tasks.StartRequestSchema, { containerId: id });
    await this.#call("containers.v1.Containers/Update", containers.UpdateContainerRequestSchema, {
      container: { id, labels: { "bench/phase": "running" } },
      updateMask: { paths: ["labels.bench/phase"] },
    });
    return id;
  }

  /** Removes what {@link BareRun.run} made. */
  async remove(stage: Stage, id: string): Promise<void> {
    const { client } = stage;
    const exit = client.tasks.wait({ containerId: id });
    await client.tasks.kill({ containerId: id, signal: 9, all: true });
    await exit;
    await client.tasks.delete({ containerId: id });
    // In this order: without the record the garbage collector may be there first.
    await client.snapshots.remove({ snapshotter: this.#model.snapshotter, key: id });
    await client.containers.delete({ id });
    await client.leases.delete({ id: `bare-${id}` });
  }

  async close(): Promise<void> {
    this.#connection.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The model's spec under another id, with a network namespace of its own, and without files made for the model. */
  #spec(id: string): Uint8Array {
    const text = Buffer.from(this.#model.spec?.value ?? []).toString("utf8");
    const spec: unknown = JSON.parse(text, (key, value: unknown) => {
      if (key === "mounts" && isList(value))
        return value.filter((mount) => !JSON.stringify(mount).includes(this.#model.id));
      if (key === "namespaces" && isList(value)) return value.map(withoutPath);
      return value;
    });
    return Buffer.from(JSON.stringify(spec).replaceAll(this.#model.id, id));
  }

  #call<Desc extends DescMessage>(method: string, desc: Desc, message: MessageInitShape<Desc>): Promise<Uint8Array> {
    return this.#connection.call(`${SERVICES}${method}`, toBinary(desc, create(desc, message)));
  }
}

function withoutPath(namespace: unknown): unknown {
  return typeof namespace === "object" && namespace !== null && "type" in namespace
    ? { type: namespace.type }
    : namespace;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
