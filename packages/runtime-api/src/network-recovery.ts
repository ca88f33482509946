import type { Attachment, NetworkManager } from "./network-manager.js";
import type { OperationOptions } from "./runtime.js";

export interface NetworkRecoverOptions extends OperationOptions {
  /** Only say what would be undone. Default false. */
  readonly dryRun?: boolean;
}

export interface NetworkRecoverReport {
  /** Containers whose networks were undone: begun and not finished, or left by an earlier boot. */
  readonly undone: readonly string[];
  /** Could not be undone, and why. */
  readonly failed: readonly { readonly containerId: string; readonly message: string }[];
}

/** What a network manager can do beyond its contract to let a runtime recover. Containers by the ids of `attach`. */
export interface NetworkRecovery {
  /** All containers that something is recorded about. */
  list(options?: OperationOptions): Promise<readonly Attachment[]>;
  /** Undoes what was begun and not finished by processes that are dead, and what an earlier boot left. */
  recover(options?: NetworkRecoverOptions): Promise<NetworkRecoverReport>;
}

/** Whether the network manager has {@link NetworkRecovery}. */
export function canRecoverNetworks(network: NetworkManager): network is NetworkManager & NetworkRecovery {
  return (
    "list" in network &&
    typeof network.list === "function" &&
    "recover" in network &&
    typeof network.recover === "function"
  );
}
