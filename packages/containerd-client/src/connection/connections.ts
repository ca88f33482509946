import type { DescService } from "@bufbuild/protobuf";
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGenericTransport } from "../grpc/generic-transport.js";
import { createLeanTransport, type LeanTransportOptions } from "../grpc/lean-transport.js";
import type { MessageLimits } from "../grpc/message-limits.js";
import type { ServiceClient } from "../service-client.js";
import type { Scope } from "./scope.js";
import { scopeTransport } from "./scoped-transport.js";
import { SocketSession } from "./socket-session.js";

/** Containerd's limit for a message, both ways; a little room is added for what it wraps around one. */
const MESSAGE_MAX_BYTES = 16 * 1024 * 1024 + 64 * 1024;
const LIMITS: MessageLimits = { readMaxBytes: MESSAGE_MAX_BYTES, writeMaxBytes: MESSAGE_MAX_BYTES };

/** Services that move blobs. */
const BULK_SERVICES: ReadonlySet<string> = new Set([
  "containerd.services.content.v1.Content",
  "containerd.services.streaming.v1.Streaming",
]);

/** The lean transport is this package's own; Connect's is generic, and slower. */
export type TransportKind = "lean" | "connect";

type ClosableTransport = Transport & { close(): void };

/** How connections are made. */
export interface ConnectionOptions {
  /** How calls are made: by this package's own transport, or by Connect's generic one, which is slower. Default `lean`. */
  readonly transport?: TransportKind;
  /** What every call passes through, as Connect applies it: to observe calls, or to break them. Default: nothing. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Whoever the socket belongs to. Default false: it and the folders on the way to it must be root's or the caller's own,
   * and not everybody's to write to; calls fail with `permission_denied` otherwise, and nothing is sent.
   */
  readonly trustAnySocket?: boolean;
}

interface Transports {
  /** All that were ever opened, to be closed. */
  readonly opened: readonly ClosableTransport[];
  /** For calls that are answered at once. */
  readonly calls: Transport;
  /** For blobs: on a connection of their own, they cannot fill the window that the small calls need. */
  readonly bulk: Transport;
  /** For calls that wait for something that may never happen: these do not keep the process alive. */
  readonly background: Transport;
}

/** The connections that all clients made from one another share. */
export class Connections {
  readonly #address: string;
  readonly #transports: Transports;

  private constructor(address: string, transports: Transports) {
    this.#address = address;
    this.#transports = transports;
  }

  static open(
    address: string,
    { transport = "lean", interceptors = [], trustAnySocket = false }: ConnectionOptions = {},
  ): Connections {
    const options = { ...LIMITS, interceptors };
    const open = (keepAlive: boolean): ClosableTransport =>
      transport === "lean"
        ? leanTransport(new SocketSession(address, { keepAlive, trustAnySocket }), options)
        : createGenericTransport(address, { ...options, keepAlive, trustAnySocket });
    const [calls, bulk, background] = [open(true), open(true), open(false)];
    return new Connections(address, { calls, bulk, background, opened: [calls, bulk, background] });
  }

  /** The same connections, for calls that do not keep the process alive. */
  background(): Connections {
    const { background } = this.#transports;
    return new Connections(this.#address, { ...this.#transports, calls: background, bulk: background });
  }

  service<Service extends DescService>(service: Service, scope: Scope): ServiceClient<Service> {
    const { bulk, calls } = this.#transports;
    const transport = BULK_SERVICES.has(service.typeName) ? bulk : calls;
    return createClient(service, scopeTransport(transport, scope, this.#address));
  }

  close(): void {
    for (const transport of this.#transports.opened) transport.close();
  }
}

function leanTransport(session: SocketSession, options: LeanTransportOptions): ClosableTransport {
  return {
    ...createLeanTransport(session, options),
    close() {
      session.close();
    },
  };
}
