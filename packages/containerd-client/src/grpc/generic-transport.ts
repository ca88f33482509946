import type { Transport } from "@connectrpc/connect";
import { AUTHORITY, type UnixSession } from "../connection/unix-session.js";
import type { LeanTransportOptions } from "./lean-transport.js";

/** Connect's own gRPC transport over a session. It is loaded by the first call: who does not use it does not pay for it. */
export function createGenericTransport(session: UnixSession, options: LeanTransportOptions): Transport {
  let loaded: Promise<Transport> | undefined;
  const load = async (): Promise<Transport> => {
    const { createGrpcTransport } = await import("@connectrpc/connect-node");
    return createGrpcTransport({
      baseUrl: AUTHORITY,
      sessionManager: session,
      interceptors: [...(options.interceptors ?? [])],
      readMaxBytes: options.readMaxBytes,
      writeMaxBytes: options.writeMaxBytes,
      // Within one machine, compression costs time and saves nothing.
      acceptCompression: [],
    });
  };
  return {
    unary: async (...call) => (await (loaded ??= load())).unary(...call),
    stream: async (...call) => (await (loaded ??= load())).stream(...call),
  };
}
