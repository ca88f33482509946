import { assertContainerName, type Container, invalid } from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord, writeStored } from "../container/container-store.js";
import { pause } from "../concurrency/pause.js";
import { releaseName, reserveName } from "../container/name-lock.js";
import { readContainer } from "../container/read-container.js";
import type { StoredContainer } from "../container/stored-container.js";
import type { RuntimeContext } from "../context.js";
import { moveRegistration } from "../log/task-output.js";
import { removeAbandoned } from "../remove/remove-container.js";
import { withContainer } from "./container-lock.js";
import { moveLogFiles } from "./keep-log-files.js";

type Options = { signal?: AbortSignal };

/** Before each further try; in milliseconds. */
const PAUSES_MS = [100, 1_000];

/**
 * Gives a container another name: reserved first, then written with the object in one step, and only then is the old one
 * free. Interrupted before that step it is called as before; after it, as it was to be.
 */
export async function renameContainer(
  context: RuntimeContext,
  id: string,
  name: string,
  options: Options,
): Promise<Container> {
  assertContainerName(name);
  return withContainer(context, id, options, async (record) => {
    if (record.name === name) throw invalid("name", name, "another one than the container has");
    // Whoever asks for the name meanwhile must see that somebody is at work on it.
    context.making.add(id);
    try {
      await rename(context, record, name, options);
    } finally {
      context.making.delete(id);
    }
    return readContainer(context, (await readRecord(context, id, options)) ?? record, options);
  });
}

async function rename(context: RuntimeContext, record: ContainerRecord, name: string, options: Options): Promise<void> {
  const { id } = record;
  const stored = record.stored();
  const remove = (owner: string): Promise<void> => removeAbandoned(context, { id: owner, name }, options);
  await reserveName(context, name, id, remove, options);
  try {
    await writeStored(context, id, changed(stored, { name }), { labels: {} }, options);
  } catch (error) {
    // An answer that was lost may have been a yes: the name is only given back where the record has another one.
    const now = await readRecord(context, id, {});
    if (now?.name !== name) await releaseName(context, name, id, {});
    throw error;
  }
  await finishRename(context, { id, from: record.name, to: name });
}

/**
 * What is left to do once the new name is written. Tried again where it fails, because by then the container has its new
 * name, and nobody else takes the old one for free while this process lives.
 */
async function finishRename(
  context: RuntimeContext,
  { id, from, to }: { readonly id: string; readonly from: string; readonly to: string },
): Promise<void> {
  for (const wait of [...PAUSES_MS, undefined]) {
    try {
      await moveLogFiles(context, from, to);
      await moveRegistration(context, id, to);
      await releaseName(context, from, id, {});
      return;
    } catch (error) {
      if (wait === undefined) throw error;
      context.logger.debug("what follows a change of name is tried again", { container: id, from, to, error });
      await pause(wait, {});
    }
  }
}

/** The object after a change of its own: later, and by one revision further. */
export function changed(stored: StoredContainer, meta: Partial<StoredContainer["meta"]>): StoredContainer {
  return {
    ...stored,
    meta: { ...stored.meta, ...meta, updated: new Date(), revision: stored.meta.revision + 1 },
  };
}
