import { ConnectError } from "@connectrpc/connect";
import { UntrustedSocketError } from "../connection/assert-trusted.js";
import { ContainerdError } from "./containerd-error.js";
import { errorCodeFromConnect } from "./code-from-connect.js";
import type { ContainerdErrorCode } from "./error-code.js";

interface ConnectionFault {
  readonly code: ContainerdErrorCode;
  readonly text: string;
  readonly hint?: string;
}

/**
 * What Node.js says when there is nobody, or somebody else, at the socket. The generic gRPC transport reports several
 * of these as internal errors.
 */
const FAULTS: Readonly<Record<string, ConnectionFault>> = {
  ENOENT: {
    code: "unavailable",
    text: "there is no socket",
    hint: "install and start containerd, or name its socket (CONTAINERD_ADDRESS)",
  },
  ECONNREFUSED: { code: "unavailable", text: "nobody listens on the socket", hint: "start containerd" },
  ENOTSOCK: { code: "unavailable", text: "it is not a socket", hint: "name containerd's socket (CONTAINERD_ADDRESS)" },
  EACCES: {
    code: "permission_denied",
    text: "the socket may not be opened",
    hint: "run as root, or as a user who may open containerd's socket",
  },
  EPERM: {
    code: "permission_denied",
    text: "the socket may not be opened",
    hint: "run as root, or as a user who may open containerd's socket",
  },
  ECONNRESET: { code: "unavailable", text: "the connection was cut" },
  EPIPE: { code: "unavailable", text: "the connection was cut" },
  ETIMEDOUT: { code: "unavailable", text: "the connection timed out" },
  EPROTO: { code: "unavailable", text: "it does not speak HTTP/2", hint: "is this containerd's gRPC socket?" },
  // Reset by the daemon without an answer, as a call is that comes while it shuts down.
  ECONNABORTED: { code: "unavailable", text: "the call was cut off" },
  // The same in the words of Node.js' own HTTP/2.
  ERR_HTTP2_ERROR: { code: "unavailable", text: "it does not speak HTTP/2", hint: "is this containerd's gRPC socket?" },
  ERR_HTTP2_SESSION_ERROR: { code: "unavailable", text: "the connection was cut" },
  ERR_HTTP2_GOAWAY_SESSION: { code: "unavailable", text: "the connection was closed" },
  ERR_HTTP2_INVALID_SESSION: { code: "unavailable", text: "the connection was closed" },
  ERR_HTTP2_STREAM_ERROR: { code: "unavailable", text: "the call was cut off" },
  ERR_HTTP2_STREAM_CANCEL: { code: "unavailable", text: "the connection was cut" },
  ERR_STREAM_PREMATURE_CLOSE: { code: "unavailable", text: "the connection was cut" },
};

/** Turns whatever a call failed with into a {@link ContainerdError}. Total: never throws. */
export function errorFromReason(reason: unknown, method: string, address: string): ContainerdError {
  if (reason instanceof ContainerdError) return reason;
  const fault = connectionFault(reason);
  if (fault !== undefined) {
    return new ContainerdError(fault.code, `containerd at ${address}: ${fault.text}`, {
      method,
      connection: true,
      cause: reason,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
  }
  const connect = ConnectError.from(reason);
  const code = errorCodeFromConnect(connect.code);
  if (code === "internal" && /protocol error|HTTP\/?2/i.test(connect.rawMessage)) {
    return new ContainerdError("unavailable", `what answers at ${address} is not containerd: ${connect.rawMessage}`, {
      method,
      connection: true,
      hint: "name containerd's gRPC socket (CONTAINERD_ADDRESS)",
      cause: reason,
    });
  }
  // A deadline that ends on the server's side first can arrive as "unknown" (seen with 1.6).
  const late = code === "unknown" && connect.rawMessage.includes("context deadline exceeded");
  return new ContainerdError(late ? "deadline_exceeded" : code, connect.rawMessage, { method, cause: reason });
}

function connectionFault(reason: unknown): ConnectionFault | undefined {
  const seen = new Set<unknown>();
  for (let error = reason; typeof error === "object" && error !== null && !seen.has(error);) {
    seen.add(error);
    if (error instanceof UntrustedSocketError) return untrusted(error);
    const code = "code" in error ? error.code : undefined;
    const fault = typeof code === "string" && Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
    if (fault !== undefined) return fault;
    error = "cause" in error ? error.cause : undefined;
  }
  return undefined;
}

function untrusted({ message }: UntrustedSocketError): ConnectionFault {
  return {
    code: "permission_denied",
    text: message,
    hint: "give it to root and take the others' right to write away (chown, chmod o-w), or say that any socket is trusted",
  };
}
