import { hostId, type RuntimeContext } from "../context.js";
import { emptyLogFiles } from "../io/log-files.js";
import { Leftovers } from "./leftovers.js";

/** Takes a container off its network and empties its log. Needs neither a task nor the stored object. */
export async function cleanUp(
  context: RuntimeContext,
  container: { readonly id: string; readonly name?: string },
  options: { signal?: AbortSignal },
): Promise<void> {
  const { id, name } = container;
  const left = new Leftovers();
  await left.attempt("network", () => context.network.detach(hostId(context, id), options), options.signal);
  if (name !== undefined) await left.attempt("log", () => emptyLogFiles(context, name), options.signal);
  if (left.found) throw left.toError(name ?? id);
}
