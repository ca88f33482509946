import type { Attachment } from "@voiyd/runtime-api";
import { together } from "../concurrency/together.js";
import type { RuntimeContext } from "../context.js";
import type { SpecNetwork } from "../spec/build-spec.js";
import { type NetworkedContainer, setUpNetwork } from "./network.js";

type Options = { signal?: AbortSignal };

/** The task and the network do not need each other, but for the namespace that the task joins. */
export async function connectAndCreate(
  context: RuntimeContext,
  container: NetworkedContainer,
  create: (network: Promise<SpecNetwork>, options: Options) => Promise<unknown>,
  options: Options,
): Promise<Attachment | undefined> {
  let joinable: (network: SpecNetwork) => void = () => undefined;
  let unreachable: (error: unknown) => void = () => undefined;
  const network = new Promise<SpecNetwork>((resolve, reject) => {
    joinable = resolve;
    unreachable = reject;
  });
  // Where the task fails first, nobody waits for the namespace any more.
  network.catch(() => undefined);
  const [attachment] = await together(
    async (signal) => {
      try {
        return await setUpNetwork(context, container, joinable, { signal });
      } catch (error) {
        unreachable(error);
        throw error;
      }
    },
    (signal) => create(network, { signal }),
    options.signal,
  );
  return attachment;
}
