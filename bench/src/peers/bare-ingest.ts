import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type ContainerdClient, WriteAction, type WriteContentRequest } from "@voiyd/containerd-client";
import type { BuiltLayer } from "@voiyd/harness";
import type { Stage } from "../stage/stage.js";

type Request = Partial<Omit<WriteContentRequest, "$typeName" | "$unknown">>;

/** As many and as much at a time as our own pull writes. */
const PARALLEL = 3;
const CHUNK_BYTES = 2 * 1024 * 1024;
const WINDOW = 2;
const SNAPSHOTTER = "overlayfs";
const LEASE = "bare-ingest";

/**
 * What containerd itself needs for an image: its layers, which are here as files, written into the content store and
 * unpacked in order while the next ones are written. Nothing is fetched, looked up or labelled, so that no client of this
 * containerd can be faster.
 */
export class BareIngest {
  readonly #client: ContainerdClient;
  readonly #blobs: string;
  readonly #layers: readonly BuiltLayer[];

  constructor(stage: Stage, directory: string, layers: readonly BuiltLayer[]) {
    this.#client = stage.client.with({ lease: LEASE });
    this.#blobs = join(directory, "blobs");
    this.#layers = layers;
  }

  async run(): Promise<void> {
    await this.#client.leases.create({ id: LEASE });
    const written = new Map<BuiltLayer, Promise<void>>();
    const slots: Promise<void>[] = Array.from({ length: PARALLEL }, () => Promise.resolve());
    for (const [index, layer] of this.#layers.entries()) {
      const done = (slots[index % PARALLEL] ?? Promise.resolve()).then(() => this.#write(layer));
      slots[index % PARALLEL] = done;
      written.set(layer, done);
    }
    await Promise.all([...written.values(), this.#unpack(written)]);
  }

  /** Removes what {@link BareIngest.run} made. */
  async clear(): Promise<void> {
    await this.#client.leases.delete({ id: LEASE, sync: true });
  }

  async #unpack(written: ReadonlyMap<BuiltLayer, Promise<void>>): Promise<void> {
    let parent = "";
    for (const [layer, done] of written) {
      await done;
      const { mediaType, digest, size, diffId, chainId } = layer;
      const key = `${LEASE} ${chainId}`;
      const { mounts } = await this.#client.snapshots.prepare({ snapshotter: SNAPSHOTTER, key, parent });
      const { applied } = await this.#client.diff.apply({ diff: { mediaType, digest, size: BigInt(size) }, mounts });
      if (applied?.digest !== diffId) throw new Error(`layer ${digest} was unpacked to something else`);
      await this.#client.snapshots.commit({ snapshotter: SNAPSHOTTER, key, name: chainId });
      parent = chainId;
    }
  }

  async #write(layer: BuiltLayer): Promise<void> {
    const file = await open(join(this.#blobs, layer.digest.replace(":", "/")));
    let unanswered = 0;
    let wake = (): void => undefined;
    const room = async (): Promise<void> => {
      while (unanswered > WINDOW) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      unanswered++;
    };
    try {
      const answers = this.#client.content.write(requests(layer, file, room))[Symbol.asyncIterator]();
      while ((await answers.next()).done !== true) {
        unanswered--;
        wake();
      }
    } finally {
      await file.close();
    }
  }
}

async function* requests(layer: BuiltLayer, file: FileHandle, room: () => Promise<void>): AsyncGenerator<Request> {
  const { digest } = layer;
  const [ref, total] = [`${LEASE}-${digest}`, BigInt(layer.size)];
  await room();
  yield { action: WriteAction.STAT, ref, total, expected: digest };
  for (let offset = 0; offset < layer.size; offset += CHUNK_BYTES) {
    await room();
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
    yield { action: WriteAction.WRITE, ref, offset: BigInt(offset), data: buffer.subarray(0, bytesRead) };
  }
  await room();
  yield { action: WriteAction.COMMIT, ref, total, offset: total, expected: digest };
}
