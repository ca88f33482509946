import { type ContainerdClient, isContainerdError } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import { join } from "./chunks.js";

type Options = { signal?: AbortSignal };

export async function hasContent(client: ContainerdClient, digest: string, options: Options): Promise<boolean> {
  try {
    await client.content.info({ digest }, options);
    return true;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return false;
    throw error;
  }
}

/** A whole small blob. Throws `IMAGE_INVALID` for one of more than `maxBytes`, and containerd's error for none. */
export async function readContent(
  client: ContainerdClient,
  digest: string,
  maxBytes: number,
  options: Options,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const { data } of client.content.read({ digest }, options)) {
    length += data.length;
    if (length > maxBytes) {
      throw new RuntimeError("IMAGE_INVALID", `blob ${digest} has more than ${String(maxBytes)} bytes`, {
        details: { digest },
      });
    }
    pieces.push(data);
  }
  return join(pieces, length);
}

/** A blob's bytes from `offset` on, as they come. */
export async function* streamContent(
  client: ContainerdClient,
  digest: string,
  offset: number,
  options: Options,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { data } of client.content.read({ digest, offset: BigInt(offset) }, options)) yield data;
}

/** Sets labels of a blob, and leaves the others as they are. */
export async function labelContent(
  client: ContainerdClient,
  digest: string,
  labels: Readonly<Record<string, string>>,
  options: Options,
): Promise<void> {
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  if (paths.length > 0)
    await client.content.update({ info: { digest, labels: { ...labels } }, updateMask: { paths } }, options);
}
