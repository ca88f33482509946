import { randomUUID } from "node:crypto";
import {
  DEFAULT_NETWORK,
  RuntimeError,
  type Attachment,
  type AttachRequest,
  type NetworkAttachOptions,
  type NetworkAttachRequest,
  type NetworkManager,
  type NetworkRecoverOptions,
  type OperationOptions,
} from "@voiyd/runtime-api";
import { collect } from "../gc/collect.js";
import type { GcOptions, GcReport, ValidAttachment } from "../gc/report.js";
import { createNetwork } from "../network/create-network.js";
import { describeNetwork, describeNetworks } from "../network/describe-network.js";
import type { CreateNetworkRequest, NetworkInfo } from "../network/network-info.js";
import { removeNetwork } from "../network/remove-network.js";
import type { StatusReport } from "../status/report.js";
import { status } from "../status/status.js";
import { assertContainerId } from "../protocol/identifiers.js";
import { attach } from "./attach.js";
import { attachmentOf } from "./attachment.js";
import { checkRequest } from "./attach-request.js";
import { check } from "./check.js";
import { connect, disconnect } from "./connect.js";
import { Deadline } from "./deadline.js";
import { detach } from "./detach.js";
import { checkNetworkRequest } from "./network-request.js";
import type { ManagerParts } from "./parts.js";
import { prime } from "./prime.js";
import { reload } from "./reload.js";
import { recover, type RecoverReport } from "./recover.js";

/** A {@link NetworkManager} over CNI, with what only CNI networks can do. */
export interface CniNetworkManager extends NetworkManager {
  /**
   * Connects a container to one more network while it runs, by the next free interface. Resolves with all it has then.
   * Throws as `attach` does, and `NOT_FOUND` without a namespace, `ALREADY_EXISTS` where it is connected already.
   */
  connect(containerId: string, network: string | NetworkAttachRequest, options?: OperationOptions): Promise<Attachment>;
  /**
   * Takes a container off one network while it runs, by the network's name or by the interface; published ports go with
   * the network that carries them. What is not connected is success. Throws `NETWORK_TEARDOWN_FAILED`.
   */
  disconnect(
    containerId: string,
    network: string | { readonly ifName: string },
    options?: OperationOptions,
  ): Promise<void>;
  /** The attachments of all containers that have a record here, those of other libcni users among them. */
  list(options?: OperationOptions): Promise<readonly Attachment[]>;
  /**
   * After a crash or a reboot: undoes what was begun and not finished, and what an earlier boot left. Attachments whose
   * namespace is gone are reported and left for `detach`. Doing it again reports nothing undone.
   * With `dryRun` it only says what it would undo.
   */
  recover(options?: NetworkRecoverOptions): Promise<RecoverReport>;
  /**
   * Removes what nobody knows any more: attachments that are not `valid`, and addresses, firewall rules, published ports,
   * namespaces and interfaces that no attachment of our networks accounts for. What other programs have recorded stays,
   * unless `includeForeign` asks for it. While it runs, no process attaches or detaches. What cannot be removed stands in
   * `failed`. Throws `INVALID_ARGUMENT` when nothing is valid and `allowEmpty` is not set.
   */
  gc(valid: Iterable<ValidAttachment>, options?: GcOptions): Promise<GcReport>;
  /**
   * Restores the firewall rules of a container after somebody flushed them, published ports among them. Its interfaces
   * are not touched, and connections live on. Throws `NOT_FOUND` without a network, `NETWORK_SETUP_FAILED`.
   */
  reload(containerId: string, options?: OperationOptions): Promise<Attachment>;
  /**
   * Makes what all containers of a network share (the bridge, chains of the firewall), so that no attach has to wait for
   * the first one. Nothing where that is done already. Default: the default network. Throws as `attach` does.
   */
  prime(network?: string, options?: OperationOptions): Promise<void>;
  /** What there is to know before something goes wrong, or after. Changes nothing, and runs beside everything else. */
  status(options?: OperationOptions): Promise<StatusReport>;
  /** All networks that can be attached to. A default network that nobody has used yet is not among them. */
  networks(options?: OperationOptions): Promise<readonly NetworkInfo[]>;
  /** One network. Throws `NETWORK_NOT_FOUND`, `NETWORK_CONFIG_INVALID`. */
  inspectNetwork(name: string, options?: OperationOptions): Promise<NetworkInfo>;
  /**
   * Creates a network: an ordinary CNI configuration list in `confDir`, written in one step. Nothing else is made before
   * the first attach. Throws `INVALID_ARGUMENT`, `ALREADY_EXISTS`, and `FAILED_PRECONDITION` with `details.reason`
   * `subnet-overlap` for a subnet that is in use, with a free one in `details.proposed`.
   */
  createNetwork(request: CreateNetworkRequest, options?: OperationOptions): Promise<NetworkInfo>;
  /**
   * Removes a network that `createNetwork` made, with its bridge and what `host-local` keeps of it. Throws
   * `NETWORK_NOT_FOUND`, and `FAILED_PRECONDITION` while it is in use, with `details.users`, and for other networks.
   */
  removeNetwork(name: string, options?: OperationOptions): Promise<void>;
  /**
   * Takes no more operations, which are `FAILED_PRECONDITION` from then on, and resolves when those that run have ended;
   * attachments stay. The same as disposing it. Again is harmless.
   */
  close(): Promise<void>;
}

/** Puts the operations under their locks and deadlines. */
export class CniManager implements CniNetworkManager {
  readonly #parts: ManagerParts;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
  }

  namespacePath(containerId: string): string {
    assertContainerId(containerId);
    return this.#parts.namespaces.path(containerId);
  }

  prepare(containerId: string, { signal }: OperationOptions = {}): Promise<string> {
    return this.#locked(containerId, "prepare", this.#parts.timeouts.attachMs, signal, async (deadline) => {
      await this.#parts.namespaces.ensure(containerId, deadline);
      return this.#parts.namespaces.path(containerId);
    });
  }

  async attach(request: AttachRequest, { signal, ...call }: NetworkAttachOptions = {}): Promise<Attachment> {
    const checked = checkRequest(request);
    return this.#locked(checked.containerId, "attach", this.#parts.timeouts.attachMs, signal, (deadline) =>
      attach(this.#parts, checked, { ...call, signal: deadline }),
    );
  }

  detach(containerId: string, { signal }: OperationOptions = {}): Promise<void> {
    return this.#locked(containerId, "detach", this.#parts.timeouts.detachMs, signal, (deadline) =>
      detach(this.#parts, containerId, deadline),
    );
  }

  async connect(
    containerId: string,
    network: string | NetworkAttachRequest,
    { signal }: OperationOptions = {},
  ): Promise<Attachment> {
    const checked = checkNetworkRequest(network, "network");
    return this.#locked(containerId, "connect", this.#parts.timeouts.attachMs, signal, (deadline) =>
      connect(this.#parts, containerId, checked, deadline),
    );
  }

  disconnect(
    containerId: string,
    network: string | { readonly ifName: string },
    { signal }: OperationOptions = {},
  ): Promise<void> {
    return this.#locked(containerId, "disconnect", this.#parts.timeouts.detachMs, signal, (deadline) =>
      disconnect(this.#parts, containerId, network, deadline),
    );
  }

  check(containerId: string, { signal }: OperationOptions = {}): Promise<void> {
    return this.#locked(containerId, "check", this.#parts.timeouts.attachMs, signal, (deadline) =>
      check(this.#parts, containerId, deadline),
    );
  }

  async list({ signal }: OperationOptions = {}): Promise<readonly Attachment[]> {
    signal?.throwIfAborted();
    const { records } = await this.#parts.records.list();
    return Array.from(new Set(records.map(({ containerId }) => containerId)), (containerId) => {
      const own = records.filter((record) => record.containerId === containerId);
      const ordered = own.toSorted((a, b) => (a.state?.index ?? 0) - (b.state?.index ?? 0));
      return attachmentOf(containerId, own[0]?.netns ?? "", ordered);
    });
  }

  recover(options: NetworkRecoverOptions = {}): Promise<RecoverReport> {
    const { signal } = options;
    return recover(
      this.#parts,
      (containerId, isStillLost) =>
        this.#locked(containerId, "recover", this.#parts.timeouts.detachMs, signal, async (deadline) => {
          if (!(await isStillLost())) return false;
          await detach(this.#parts, containerId, deadline);
          return true;
        }),
      options,
    );
  }

  async gc(valid: Iterable<ValidAttachment>, options: GcOptions = {}): Promise<GcReport> {
    return this.#alone(options.signal, (signal) => collect(this.#parts, valid, options, signal));
  }

  reload(containerId: string, { signal }: OperationOptions = {}): Promise<Attachment> {
    return this.#locked(containerId, "reload", this.#parts.timeouts.attachMs, signal, (deadline) =>
      reload(this.#parts, containerId, deadline),
    );
  }

  async prime(network: string = DEFAULT_NETWORK, { signal }: OperationOptions = {}): Promise<void> {
    const containerId = `voiyd-prime-${randomUUID()}`;
    return this.#locked(containerId, "prime", this.#parts.timeouts.attachMs, signal, (deadline) =>
      prime(this.#parts, containerId, network, deadline),
    );
  }

  async status({ signal }: OperationOptions = {}): Promise<StatusReport> {
    return this.#tracked(async () => {
      using deadline = new Deadline(this.#parts.timeouts.attachMs, "status", signal);
      return await status(this.#parts, deadline.signal);
    });
  }

  async networks({ signal }: OperationOptions = {}): Promise<readonly NetworkInfo[]> {
    signal?.throwIfAborted();
    return describeNetworks(this.#parts);
  }

  async inspectNetwork(name: string, { signal }: OperationOptions = {}): Promise<NetworkInfo> {
    signal?.throwIfAborted();
    return describeNetwork(this.#parts, name);
  }

  async createNetwork(request: CreateNetworkRequest, { signal }: OperationOptions = {}): Promise<NetworkInfo> {
    return this.#tracked(async () => {
      using deadline = new Deadline(this.#parts.timeouts.attachMs, `creation of network ${request.name}`, signal);
      return await createNetwork(this.#parts, request, deadline.signal);
    });
  }

  async removeNetwork(name: string, { signal }: OperationOptions = {}): Promise<void> {
    return this.#alone(signal, (inner) => removeNetwork(this.#parts, name, inner));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    // What runs is let run: cutting it short would only be work for the next recover.
    await Promise.allSettled(this.#running);
  }

  async #locked<T>(
    containerId: string,
    what: string,
    timeoutMs: number,
    outer: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    assertContainerId(containerId);
    return this.#tracked(() => this.#run(containerId, what, timeoutMs, outer, operation));
  }

  /** With the gate closed: no process attaches or detaches meanwhile. */
  async #alone<T>(outer: AbortSignal | undefined, operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = outer ?? new AbortController().signal;
    return this.#tracked(async () => {
      const closed = await this.#parts.gate.close(signal);
      try {
        return await operation(signal);
      } finally {
        await closed[Symbol.asyncDispose]();
      }
    });
  }

  async #tracked<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new RuntimeError("FAILED_PRECONDITION", "the network manager is closed");
    const running = operation();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #run<T>(
    containerId: string,
    what: string,
    timeoutMs: number,
    outer: AbortSignal | undefined,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    using deadline = new Deadline(timeoutMs, `${what} of container ${containerId}`, outer);
    const lock = await this.#parts.locks.acquire(`container ${containerId}`, deadline.signal);
    try {
      const inside = await this.#parts.gate.enter(deadline.signal);
      try {
        return await operation(deadline.signal);
      } finally {
        await inside[Symbol.asyncDispose]();
      }
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }
}
