import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import type { Scope } from "./connection/scope.js";
import { scopeTransport } from "./connection/scoped-transport.js";
import { UnixSession } from "./connection/unix-session.js";
import { createGenericTransport } from "./grpc/generic-transport.js";
import { createLeanTransport } from "./grpc/lean-transport.js";
import type { MessageLimits } from "./grpc/message-limits.js";
import { waitForDaemon } from "./connection/readiness.js";
import { Containers } from "./gen/containerd/services/containers/v1/containers_pb.js";
import { Content } from "./gen/containerd/services/content/v1/content_pb.js";
import { Diff } from "./gen/containerd/services/diff/v1/diff_pb.js";
import { Events } from "./gen/containerd/services/events/v1/events_pb.js";
import { Images } from "./gen/containerd/services/images/v1/images_pb.js";
import { Introspection } from "./gen/containerd/services/introspection/v1/introspection_pb.js";
import { Leases } from "./gen/containerd/services/leases/v1/leases_pb.js";
import { Mounts } from "./gen/containerd/services/mounts/v1/mounts_pb.js";
import { Namespaces } from "./gen/containerd/services/namespaces/v1/namespaces_pb.js";
import {
  Controller as SandboxController,
  Store as SandboxStore,
} from "./gen/containerd/services/sandbox/v1/sandbox_pb.js";
import { Snapshots } from "./gen/containerd/services/snapshots/v1/snapshots_pb.js";
import { Streaming } from "./gen/containerd/services/streaming/v1/streaming_pb.js";
import { Tasks } from "./gen/containerd/services/tasks/v1/tasks_pb.js";
import { Transfer } from "./gen/containerd/services/transfer/v1/transfer_pb.js";
import { Version } from "./gen/containerd/services/version/v1/version_pb.js";

/** Where containerd listens unless it is configured otherwise. */
export const DEFAULT_ADDRESS = "/run/containerd/containerd.sock";

/** Containerd's limit for a message, both ways; a little room is added for what it wraps around one. */
const MESSAGE_MAX_BYTES = 16 * 1024 * 1024 + 64 * 1024;
const LIMITS: MessageLimits = { readMaxBytes: MESSAGE_MAX_BYTES, writeMaxBytes: MESSAGE_MAX_BYTES };

/** Services that move blobs. */
const BULK_SERVICES: ReadonlySet<string> = new Set([Content.typeName, Streaming.typeName]);

export interface ContainerdClientOptions extends Scope {
  /** The path of containerd's socket. Default {@link DEFAULT_ADDRESS}. */
  readonly address?: string;
  /** How calls are made: by this package's own transport, or by Connect's generic one, which is slower. Default `lean`. */
  readonly transport?: "lean" | "connect";
}

/** The connections that all clients made from one another share. */
interface Connections {
  readonly sessions: readonly UnixSession[];
  /** For calls that are answered at once. */
  readonly calls: Transport;
  /** For blobs: on a connection of their own, they cannot fill the window that the small calls need. */
  readonly bulk: Transport;
  /** For calls that wait for something that may never happen: these do not keep the process alive. */
  readonly background: Transport;
}

/**
 * A connection to containerd, with every service of its API as a typed client. Connects on the first call, and again
 * after the daemon was restarted; a call that was under way at that moment fails with `unavailable`, and it is for the
 * caller to know whether it may be repeated.
 *
 * Every call rejects with a `ContainerdError`, or, when its signal is aborted, with the signal's reason. Short calls
 * have a deadline of two minutes unless `timeoutMs` says otherwise.
 */
export class ContainerdClient implements AsyncDisposable {
  readonly address: string;
  readonly scope: Scope;
  readonly containers: Client<typeof Containers>;
  readonly content: Client<typeof Content>;
  readonly diff: Client<typeof Diff>;
  readonly events: Client<typeof Events>;
  readonly images: Client<typeof Images>;
  readonly introspection: Client<typeof Introspection>;
  readonly leases: Client<typeof Leases>;
  /** Since containerd 2.2. */
  readonly mounts: Client<typeof Mounts>;
  readonly namespaces: Client<typeof Namespaces>;
  /** Since containerd 1.7. */
  readonly sandboxController: Client<typeof SandboxController>;
  /** Since containerd 1.7. */
  readonly sandboxes: Client<typeof SandboxStore>;
  readonly snapshots: Client<typeof Snapshots>;
  /** Since containerd 1.7. */
  readonly streaming: Client<typeof Streaming>;
  readonly tasks: Client<typeof Tasks>;
  /** Since containerd 1.7. */
  readonly transfer: Client<typeof Transfer>;
  readonly version: Client<typeof Version>;
  readonly #connections: Connections;

  constructor(options: ContainerdClientOptions, connections?: Connections) {
    this.address = options.address ?? DEFAULT_ADDRESS;
    this.scope = { namespace: options.namespace, ...(options.lease === undefined ? {} : { lease: options.lease }) };
    this.#connections = connections ?? openConnections(this.address, options.transport ?? "lean");
    this.containers = this.service(Containers);
    this.content = this.service(Content);
    this.diff = this.service(Diff);
    this.events = this.service(Events);
    this.images = this.service(Images);
    this.introspection = this.service(Introspection);
    this.leases = this.service(Leases);
    this.mounts = this.service(Mounts);
    this.namespaces = this.service(Namespaces);
    this.sandboxController = this.service(SandboxController);
    this.sandboxes = this.service(SandboxStore);
    this.snapshots = this.service(Snapshots);
    this.streaming = this.service(Streaming);
    this.tasks = this.service(Tasks);
    this.transfer = this.service(Transfer);
    this.version = this.service(Version);
  }

  /** A typed client for any other service on the same socket. */
  service<Service extends DescService>(service: Service): Client<Service> {
    const bulk = BULK_SERVICES.has(service.typeName);
    const transport = bulk ? this.#connections.bulk : this.#connections.calls;
    return createClient(service, scopeTransport(transport, this.scope, this.address));
  }

  /** A client for another namespace or with another lease, over the same connections. */
  with(scope: Partial<Scope>): ContainerdClient {
    return new ContainerdClient({ address: this.address, ...this.scope, ...scope }, this.#connections);
  }

  /**
   * A client whose calls do not keep the process alive, for waits in the background. Its connection is its own, shared
   * with the other clients made this way.
   */
  background(): ContainerdClient {
    const { background } = this.#connections;
    return new ContainerdClient(
      { address: this.address, ...this.scope },
      { ...this.#connections, calls: background, bulk: background },
    );
  }

  /**
   * Resolves when the daemon answers; for use at start-up and after an `unavailable`. Rejects with the last
   * `ContainerdError` after `timeoutMs` (default 10 000), at once when the socket may not be opened.
   */
  waitUntilReady(options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<void> {
    return waitForDaemon(this.version, options);
  }

  /** Ends the connections. Calls under way fail; a later call would connect again. */
  close(): void {
    for (const session of this.#connections.sessions) session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function openConnections(address: string, transport: "lean" | "connect"): Connections {
  const sessions = [
    new UnixSession(address),
    new UnixSession(address),
    new UnixSession(address, { keepAlive: false }),
  ] as const;
  const [calls, bulk, background] = sessions;
  const open = transport === "lean" ? createLeanTransport : createGenericTransport;
  return {
    sessions,
    calls: open(calls, LIMITS),
    bulk: open(bulk, LIMITS),
    background: open(background, LIMITS),
  };
}
