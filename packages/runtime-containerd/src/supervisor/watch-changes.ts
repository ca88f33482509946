import {
  ContainerUpdateSchema,
  type Envelope,
  TaskExitSchema,
  TaskPausedSchema,
  TaskResumedSchema,
  TaskStartSchema,
  unpackAny,
} from "@voiyd/containerd-client";
import { fieldIs, filter } from "../container/filter.js";
import type { RuntimeContext } from "../context.js";

const TOPICS = ["/tasks/start", "/tasks/exit", "/tasks/paused", "/tasks/resumed", "/containers/update"];

/** The ids of containers to which something happened, until the subscription breaks. */
export async function* watchChanges(context: RuntimeContext, signal: AbortSignal): AsyncGenerator<string> {
  const filters = TOPICS.map((topic) => filter(fieldIs("namespace", context.namespace), fieldIs("topic", topic)));
  for await (const envelope of context.client.events.subscribe({ filters }, { signal })) {
    const id = containerOf(envelope);
    if (id !== undefined) yield id;
  }
}

/** Undefined for the end of a further process, and for what is not as its topic says. */
function containerOf({ topic, event }: Envelope): string | undefined {
  if (event === undefined) return undefined;
  switch (topic) {
    case "/containers/update":
      return unpackAny(ContainerUpdateSchema, event)?.id;
    case "/tasks/exit": {
      const exit = unpackAny(TaskExitSchema, event);
      return exit?.id === exit?.containerId ? exit?.containerId : undefined;
    }
    case "/tasks/start":
      return unpackAny(TaskStartSchema, event)?.containerId;
    case "/tasks/paused":
      return unpackAny(TaskPausedSchema, event)?.containerId;
    case "/tasks/resumed":
      return unpackAny(TaskResumedSchema, event)?.containerId;
    default:
      return undefined;
  }
}
