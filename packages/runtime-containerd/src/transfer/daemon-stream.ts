import { randomUUID } from "node:crypto";
import { type ContainerdClient, packAny } from "@voiyd/containerd-client";
import { StreamInitSchema } from "@voiyd/containerd-client/api/containerd/services/streaming/v1/streaming";
import { Outbox } from "../concurrency/outbox.js";

/** A message of any type, as it travels. */
export type Any = ReturnType<typeof packAny>;

/** A side channel of a transfer, on which the daemon speaks and we answer. Disposing of it ends it. */
export interface DaemonStream extends AsyncDisposable {
  /** For the request that makes use of it. */
  readonly id: string;
}

/**
 * Opens a side channel; resolves when the daemon knows it. `receive` is given each message, one after the other, and what
 * it returns is sent back. What it throws goes to `onFailure`, and nothing more is received.
 */
export async function openDaemonStream(
  client: ContainerdClient,
  receive: (message: Any) => Promise<Any | undefined> | undefined,
  onFailure: (error: unknown) => void,
  options: { signal?: AbortSignal },
): Promise<DaemonStream> {
  const id = `voiyd-${randomUUID()}`;
  const end = new AbortController();
  const signal = options.signal === undefined ? end.signal : AbortSignal.any([end.signal, options.signal]);
  const outbox = new Outbox<Any>();
  outbox.push(packAny(StreamInitSchema, { id }));
  const messages = client.streaming.stream(outbox, { signal })[Symbol.asyncIterator]();
  await messages.next(); // empty: the stream is known by its name now
  const reading = (async (): Promise<void> => {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      const answer = await receive(next.value);
      if (answer !== undefined) outbox.push(answer);
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) onFailure(error);
  });
  return {
    id,
    async [Symbol.asyncDispose]() {
      outbox.end();
      end.abort();
      await reading;
    },
  };
}
