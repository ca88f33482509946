import {
  RuntimeError,
  type Attachment,
  type AttachRequest,
  type NetworkAttachRequest,
  type NetworkManager,
  type OperationOptions,
} from "@voiyd/runtime-api";
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
   */
  recover(options?: OperationOptions): Promise<RecoverReport>;
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

  async attach(request: AttachRequest, { signal }: OperationOptions = {}): Promise<Attachment> {
    const checked = checkRequest(request);
    return this.#locked(checked.containerId, "attach", this.#parts.timeouts.attachMs, signal, (deadline) =>
      attach(this.#parts, checked, deadline),
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

  recover({ signal }: OperationOptions = {}): Promise<RecoverReport> {
    return recover(
      this.#parts,
      (containerId, isStillLost) =>
        this.#locked(containerId, "recover", this.#parts.timeouts.detachMs, signal, async (deadline) => {
          if (!(await isStillLost())) return false;
          await detach(this.#parts, containerId, deadline);
          return true;
        }),
      signal,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
    if (this.#closed) throw new RuntimeError("FAILED_PRECONDITION", "the network manager is closed");
    const running = this.#run(containerId, what, timeoutMs, outer, operation);
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
