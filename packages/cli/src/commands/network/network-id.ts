import type { Context } from "../command.js";

/** What the network manager knows a container by. Throws what keeps the container from being found. */
export async function networkIdOf({ runtime, settings, signal }: Context, container: string): Promise<string> {
  return `${settings.namespace}-${await (await runtime()).id(container, { signal })}`;
}
