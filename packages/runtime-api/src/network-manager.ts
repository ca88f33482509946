/// <reference lib="esnext.disposable" preserve="true" />
import type { NetworkAttachRequest } from "./network-attach-request.js";
import type { PortMapping } from "./port-mapping.js";
import type { OperationOptions } from "./runtime.js";

/**
 * Gives containers their networks. A runtime calls `attach` as early as it can, and lets the container join the namespace
 * as soon as it hears of it, while the interfaces are still being made.
 *
 * Everything is found again from the container id alone, by any process: `detach` needs neither the request of `attach`
 * nor a living process in the namespace.
 */
export interface NetworkManager extends AsyncDisposable {
  /** The path that the container's network namespace has, or will have after `prepare`. Touches nothing. */
  namespacePath(containerId: string): string;

  /** Makes the container's network namespace, with its loopback up; resolves with its path. Repeating it is harmless. */
  prepare(containerId: string, options?: OperationOptions): Promise<string>;

  /**
   * Connects the container to its networks, and prepares the namespace where that has not been done. A failed or
   * aborted attach is rolled back, the namespace excepted: `detach` removes it.
   *
   * Throws `INVALID_ARGUMENT`, `NETWORK_NOT_FOUND`, `NETWORK_CONFIG_INVALID`, `NETWORK_SETUP_FAILED`, `PORT_IN_USE`,
   * `NETWORK_ADDRESSES_EXHAUSTED`, `PLUGIN_NOT_FOUND`.
   */
  attach(request: AttachRequest, options?: NetworkAttachOptions): Promise<Attachment>;

  /**
   * Disconnects the container from all its networks and removes its namespace. Idempotent; an unknown container is
   * success. Goes on past errors; throws `NETWORK_TEARDOWN_FAILED` with what is left in `details.leftovers`.
   */
  detach(containerId: string, options?: OperationOptions): Promise<void>;

  /** Throws `NETWORK_SETUP_FAILED` when a network of the container is not as `attach` left it, `NOT_FOUND` without one. */
  check(containerId: string, options?: OperationOptions): Promise<void>;
}

export interface NetworkAttachOptions extends OperationOptions {
  /**
   * Called with the namespace's path once it can be joined, before there are interfaces in it. What fails later has not
   * failed then: who has joined it hears of that by the rejection. A manager that never calls it is slower, not wrong.
   */
  readonly onNamespace?: (namespacePath: string) => void;
}

export interface AttachRequest {
  /** Unique on the host, by convention `<runtime namespace>-<container id>`. */
  readonly containerId: string;
  /**
   * In order: the first becomes `eth0` and carries the published ports. A name alone asks for nothing special. Default:
   * the default network.
   */
  readonly networks?: readonly (string | NetworkAttachRequest)[];
  readonly portMappings?: readonly PortRequest[];
  /**
   * The container's hosts file, which the network manager then keeps: its own addresses, and the names of those it
   * shares a user-defined network with. It is written in place, as containers have it mounted. Absolute. Default: none.
   */
  readonly hostsFile?: string;
  /** What the container is called by others on its user-defined networks: its name, its host name. Default: nothing. */
  readonly names?: readonly string[];
  /**
   * What the container calls the way to its host, for the hosts file: the gateway of its first network that has one.
   * Default: nothing.
   */
  readonly gatewayNames?: readonly string[];
}

/** A port to publish; a range of host ports is one port of it, the first that is free. */
export interface PortRequest extends PortMapping {
  /** The last host port of the range that begins with `hostPort`. Default: no range. */
  readonly hostPortEnd?: number;
}

export interface Attachment {
  readonly containerId: string;
  readonly namespacePath: string;
  readonly interfaces: readonly AttachedInterface[];
  /** The published ports, host port 0 replaced by the chosen one. */
  readonly ports: readonly Required<PortMapping>[];
}

export interface AttachedInterface {
  /** In the container, as `eth0`. */
  readonly name: string;
  readonly network: string;
  readonly mac?: string;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  /** Without the prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 4 | 6;
  readonly gateway?: string;
}
