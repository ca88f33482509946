import { type ContainerRecord, writeNetwork } from "../container/container-store.js";
import { hostId, type RuntimeContext } from "../context.js";
import { emptyLogFiles } from "../io/log-files.js";
import { Leftovers } from "./leftovers.js";

type Options = { signal?: AbortSignal };

/** Takes a container off its network and empties its log. Needs neither a task nor the stored object. */
export async function cleanUp(context: RuntimeContext, record: ContainerRecord, options: Options): Promise<void> {
  const { id, name } = record;
  const left = new Leftovers();
  await left.attempt("network", () => cleanUpNetwork(context, id, options), options.signal);
  await left.attempt("log", () => emptyLogFiles(context, name), options.signal);
  if (left.found) throw left.toError(name);
  const { startedAt, pid } = record.network;
  const life = {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(pid === undefined ? {} : { pid }),
  };
  await writeNetwork(context, id, life, options);
}

/** The same where there is no record any more, and so no name, and no log that could be found. */
export function cleanUpNetwork(context: RuntimeContext, id: string, options: Options): Promise<void> {
  return context.network.detach(hostId(context, id), options);
}
