import type { DescService } from "@bufbuild/protobuf";
import { type ConnectionOptions, Connections } from "./connection/connections.js";
import { waitForDaemon } from "./connection/readiness.js";
import type { Scope } from "./connection/scope.js";
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
import type { ServiceClient } from "./service-client.js";
import { Version } from "./gen/containerd/services/version/v1/version_pb.js";

/** Where containerd listens unless it is configured otherwise. */
export const DEFAULT_ADDRESS = "/run/containerd/containerd.sock";

export interface ContainerdClientOptions extends Scope, ConnectionOptions {
  /** The path of containerd's socket. Default {@link DEFAULT_ADDRESS}. */
  readonly address?: string;
}

/** The services that every client has, by the names that they have there. */
const SERVICES = {
  containers: Containers,
  content: Content,
  diff: Diff,
  events: Events,
  images: Images,
  introspection: Introspection,
  leases: Leases,
  mounts: Mounts,
  namespaces: Namespaces,
  sandboxController: SandboxController,
  sandboxes: SandboxStore,
  snapshots: Snapshots,
  streaming: Streaming,
  tasks: Tasks,
  transfer: Transfer,
  version: Version,
};

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
  declare readonly containers: ServiceClient<typeof Containers>;
  declare readonly content: ServiceClient<typeof Content>;
  declare readonly diff: ServiceClient<typeof Diff>;
  declare readonly events: ServiceClient<typeof Events>;
  declare readonly images: ServiceClient<typeof Images>;
  declare readonly introspection: ServiceClient<typeof Introspection>;
  declare readonly leases: ServiceClient<typeof Leases>;
  /** Since containerd 2.2. */
  declare readonly mounts: ServiceClient<typeof Mounts>;
  declare readonly namespaces: ServiceClient<typeof Namespaces>;
  /** Since containerd 1.7. */
  declare readonly sandboxController: ServiceClient<typeof SandboxController>;
  /** Since containerd 1.7. */
  declare readonly sandboxes: ServiceClient<typeof SandboxStore>;
  declare readonly snapshots: ServiceClient<typeof Snapshots>;
  /** Since containerd 1.7. */
  declare readonly streaming: ServiceClient<typeof Streaming>;
  declare readonly tasks: ServiceClient<typeof Tasks>;
  /** Since containerd 1.7. */
  declare readonly transfer: ServiceClient<typeof Transfer>;
  declare readonly version: ServiceClient<typeof Version>;
  readonly #connections: Connections;

  constructor(options: ContainerdClientOptions, connections?: Connections) {
    this.address = options.address ?? DEFAULT_ADDRESS;
    this.scope = { namespace: options.namespace, ...(options.lease === undefined ? {} : { lease: options.lease }) };
    this.#connections = connections ?? Connections.open(this.address, options);
  }

  // A service is made when it is first used: most clients use few, and each call for another scope makes a client.
  static {
    for (const [name, service] of Object.entries(SERVICES)) {
      Object.defineProperty(this.prototype, name, {
        get(this: ContainerdClient) {
          const value = this.service(service);
          Object.defineProperty(this, name, { value, enumerable: true });
          return value;
        },
      });
    }
  }

  /** A typed client for any other service on the same socket. */
  service<Service extends DescService>(service: Service): ServiceClient<Service> {
    return this.#connections.service(service, this.scope);
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
    return new ContainerdClient({ address: this.address, ...this.scope }, this.#connections.background());
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
    this.#connections.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
