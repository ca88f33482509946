import { isContainerdError } from "@voiyd/containerd-client";
import { formatReference, parseReference } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { listImageRecords } from "./image-record.js";
import { imageUses, usersOf } from "./image-uses.js";

type Options = { signal?: AbortSignal };

/** Removes the name; what only it has kept is collected before this resolves. */
export function removeImage(
  context: RuntimeContext,
  reference: string,
  force: boolean,
  options: Options,
): Promise<void> {
  const name = formatReference(parseReference(reference));
  return mapped(`image ${name}`, async () => {
    options.signal?.throwIfAborted();
    if (!force) await assertUnused(context, name, options);
    await deleteRecord(context, name, true, options);
  });
}

/** `sync`: collects what is not needed any more before it resolves. Absent is success. */
export async function deleteRecord(
  context: RuntimeContext,
  name: string,
  sync: boolean,
  options: Options,
): Promise<void> {
  try {
    await context.client.images.delete({ name, sync }, options);
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
  }
}

async function assertUnused(context: RuntimeContext, name: string, options: Options): Promise<void> {
  const records = await listImageRecords(context, options);
  const digest = records.find((record) => record.name === name)?.target.digest;
  if (digest === undefined) return;
  // With another name for it, the image stays: only this name goes.
  if (records.some((record) => record.target.digest === digest && record.name !== name)) return;
  const users = usersOf(digest, records, await imageUses(context, options));
  const [first] = users;
  if (first === undefined) return;
  throw new RuntimeError("FAILED_PRECONDITION", `image ${name} is used by container ${users.slice(0, 5).join(", ")}`, {
    hint: "delete the container first, or force the removal",
    details: { image: name, containers: users },
  });
}
