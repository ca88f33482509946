import {
  ContainerCreateSchema,
  ContainerDeleteSchema,
  ContainerUpdateSchema,
  type Envelope,
  TaskDeleteSchema,
  TaskExecAddedSchema,
  TaskExecStartedSchema,
  TaskExitSchema,
  TaskOOMSchema,
  TaskPausedSchema,
  TaskResumedSchema,
  TaskStartSchema,
  unpackAny,
  unpackJson,
} from "@voiyd/containerd-client";
import type { ContainerExit } from "@voiyd/runtime-api";
import { exitFromWire } from "../task/exit.js";
import { MARK_TOPIC, MARK_TYPE } from "./mark.js";

/** What the daemon says, as far as it is about containers, their tasks, or a mark of ours. */
export type DaemonEvent = { readonly time: Date; readonly id: string } & (
  | { readonly kind: "created" | "deleted" | "oom" | "paused" | "resumed" }
  | { readonly kind: "updated"; readonly image: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "exited"; readonly pid: number; readonly exit: ContainerExit }
  | { readonly kind: "exec-added"; readonly execId: string }
  | { readonly kind: "exec-started"; readonly execId: string; readonly pid: number }
  | { readonly kind: "exec-exited"; readonly execId: string; readonly exit: ContainerExit }
  | { readonly kind: "mark" }
);

/** The topics that {@link parseEnvelope} understands. */
export const TOPICS: readonly string[] = [
  "/containers/create",
  "/containers/update",
  "/containers/delete",
  "/tasks/start",
  "/tasks/exit",
  "/tasks/delete",
  "/tasks/oom",
  "/tasks/paused",
  "/tasks/resumed",
  "/tasks/exec-added",
  "/tasks/exec-started",
  MARK_TOPIC,
];

/** Undefined for an event of another kind, or one whose content is not what its topic says. */
export function parseEnvelope(envelope: Envelope): DaemonEvent | undefined {
  const { topic, event, timestamp } = envelope;
  if (event === undefined) return undefined;
  const time = new Date(Number(timestamp?.seconds ?? 0n) * 1000 + Math.floor((timestamp?.nanos ?? 0) / 1_000_000));
  switch (topic) {
    case "/containers/create": {
      const message = unpackAny(ContainerCreateSchema, event);
      return message && { kind: "created", time, id: message.id };
    }
    case "/containers/update": {
      const message = unpackAny(ContainerUpdateSchema, event);
      return message && { kind: "updated", time, id: message.id, image: message.image, labels: message.labels };
    }
    case "/containers/delete": {
      const message = unpackAny(ContainerDeleteSchema, event);
      return message && { kind: "deleted", time, id: message.id };
    }
    case MARK_TOPIC: {
      const nonce = unpackJson(MARK_TYPE, event);
      return typeof nonce === "string" ? { kind: "mark", time, id: nonce } : undefined;
    }
    default:
      return parseTaskEvent(topic, event, time);
  }
}

function parseTaskEvent(topic: string, event: NonNullable<Envelope["event"]>, time: Date): DaemonEvent | undefined {
  switch (topic) {
    case "/tasks/start": {
      const message = unpackAny(TaskStartSchema, event);
      return message && { kind: "started", time, id: message.containerId, pid: message.pid };
    }
    case "/tasks/exit": {
      const message = unpackAny(TaskExitSchema, event);
      return message && exited(message, time);
    }
    // Says how it ended as well, also where the exit itself was never told.
    case "/tasks/delete": {
      const message = unpackAny(TaskDeleteSchema, event);
      return message && exited(message, time);
    }
    case "/tasks/oom": {
      const message = unpackAny(TaskOOMSchema, event);
      return message && { kind: "oom", time, id: message.containerId };
    }
    case "/tasks/paused": {
      const message = unpackAny(TaskPausedSchema, event);
      return message && { kind: "paused", time, id: message.containerId };
    }
    case "/tasks/resumed": {
      const message = unpackAny(TaskResumedSchema, event);
      return message && { kind: "resumed", time, id: message.containerId };
    }
    case "/tasks/exec-added": {
      const message = unpackAny(TaskExecAddedSchema, event);
      return message && { kind: "exec-added", time, id: message.containerId, execId: message.execId };
    }
    case "/tasks/exec-started": {
      const message = unpackAny(TaskExecStartedSchema, event);
      return (
        message && { kind: "exec-started", time, id: message.containerId, execId: message.execId, pid: message.pid }
      );
    }
    default:
      return undefined;
  }
}

interface WireExited {
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  readonly exitStatus: number;
  readonly exitedAt?: { readonly seconds: bigint; readonly nanos: number } | undefined;
}

function exited(message: WireExited, time: Date): DaemonEvent {
  const exit = exitFromWire(message);
  const { containerId: id, id: process, pid } = message;
  return process === "" || process === id
    ? { kind: "exited", time: exit.exitedAt ?? time, id, pid, exit }
    : { kind: "exec-exited", time: exit.exitedAt ?? time, id, execId: process, exit };
}
