import type { Transport } from "@connectrpc/connect";
import type { UnixSession } from "../connection/unix-session.js";
import type { LeanTransportOptions } from "./lean-transport.js";

export interface GenericTransportOptions extends LeanTransportOptions {
  /** Whether a request under way keeps the process alive. */
  readonly keepAlive: boolean;
  /** Whoever the socket belongs to. Default false. */
  readonly trustAnySocket?: boolean;
}

interface Loaded {
  readonly session: UnixSession;
  readonly transport: Transport;
}

/**
 * Connect's own gRPC transport over a unix socket, and over Node.js' HTTP/2. Both are loaded by the first call: who does not
 * use them does not pay for them.
 */
export function createGenericTransport(
  address: string,
  options: GenericTransportOptions,
): Transport & { close(): void } {
  let loading: Promise<Loaded> | undefined;
  let loaded: Loaded | undefined;
  const load = async (): Promise<Loaded> => {
    const [{ createGrpcTransport }, { AUTHORITY, UnixSession: Session }] = await Promise.all([
      import("@connectrpc/connect-node"),
      import("../connection/unix-session.js"),
    ]);
    const { keepAlive, trustAnySocket = false } = options;
    const session = new Session(address, { keepAlive, trustAnySocket });
    const transport = createGrpcTransport({
      baseUrl: AUTHORITY,
      sessionManager: session,
      interceptors: [...(options.interceptors ?? [])],
      readMaxBytes: options.readMaxBytes,
      writeMaxBytes: options.writeMaxBytes,
      // Within one machine, compression costs time and saves nothing.
      acceptCompression: [],
    });
    return (loaded = { session, transport });
  };
  return {
    unary: async (...call) => (await (loading ??= load())).transport.unary(...call),
    stream: async (...call) => (await (loading ??= load())).transport.stream(...call),
    close: () => loaded?.session.close(),
  };
}
