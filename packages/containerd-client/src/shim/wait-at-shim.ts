import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  WaitRequestSchema,
  type WaitResponse,
  WaitResponseSchema,
} from "../gen/containerd/services/tasks/v1/tasks_pb.js";
import { errorCodeFromConnect } from "../errors/code-from-connect.js";
import { ContainerdError } from "../errors/containerd-error.js";
import { ttrpcCall } from "./ttrpc-call.js";

/** Newest first. A shim knows one of them or both. */
const SERVICES = ["containerd.task.v3.Task", "containerd.task.v2.Task"];
/** gRPC's code for a service or method that a server does not have. */
const UNIMPLEMENTED = 12;

/**
 * Asks a container's shim itself for the exit of the container's first process, without the daemon. Containerd 1.7 and
 * later end a shim whose process has exited when they come back and find it, and its exit code is gone with it: while the
 * daemon is away, only the shim can tell.
 *
 * Resolves when the process has exited, at once where it has already. Rejects with a `ContainerdError` when the shim
 * refuses, with the signal's reason, and with what the socket says where there is no shim.
 */
export async function waitAtShim(socket: string, id: string, signal: AbortSignal): Promise<WaitResponse> {
  // The fields of the shim's request and answer have the numbers that the daemon's have.
  const payload = toBinary(WaitRequestSchema, create(WaitRequestSchema, { containerId: id }));
  let refused: unknown;
  for (const service of SERVICES) {
    const { status, payload: answer } = await ttrpcCall(socket, { service, method: "Wait", payload }, signal);
    if (status === undefined) return fromBinary(WaitResponseSchema, answer);
    refused = new ContainerdError(errorCodeFromConnect(status.code), status.message, { method: `${service}/Wait` });
    if (status.code !== UNIMPLEMENTED) break;
  }
  throw refused;
}
