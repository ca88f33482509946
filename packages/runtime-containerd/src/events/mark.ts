import { randomUUID } from "node:crypto";
import { packJson } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";

/** The topic of events that only say where in the stream of events their reader is. */
export const MARK_TOPIC = "/voiyd/mark";
export const MARK_TYPE = "types.voiyd.io/mark/v1";

/** Puts a mark in the daemon's stream of events; resolves with the text that it is known by. */
export async function publishMark(context: RuntimeContext, options: { signal?: AbortSignal }): Promise<string> {
  const nonce = randomUUID();
  await context.client.events.publish({ topic: MARK_TOPIC, event: packJson(MARK_TYPE, nonce) }, options);
  return nonce;
}
