import type { OperationOptions } from "@voiyd/runtime-api";
import type { AttachmentKey } from "../protocol/request.js";

/** What is still in use: a container with everything it has, or one interface of it. */
export type ValidAttachment = string | AttachmentKey;

/** How garbage is collected. */
export interface GcOptions extends OperationOptions {
  /** Say what would be removed, and remove nothing. Default false. */
  readonly dryRun?: boolean;
  /** Attachments of other programs too, and networks that we have never attached to. Default false. */
  readonly includeForeign?: boolean;
  /** Nothing at all is in use: without this, an empty list is taken for a mistake. Default false. */
  readonly allowEmpty?: boolean;
  /** Leave attachments alone that were begun less than this many milliseconds ago. Default 0. */
  readonly minAgeMs?: number;
}

/** What was removed, or would be, by kind. What goes with an attachment is not listed again. */
export interface GcReport {
  readonly dryRun: boolean;
  /** Recorded attachments that nobody knew any more: detached. */
  readonly attachments: readonly (AttachmentKey & { readonly network: string })[];
  /** Addresses that `host-local` had given out. */
  readonly leases: readonly { readonly network: string; readonly address: string; readonly containerId: string }[];
  /** Chains and rules of the firewall, as lines for iptables. */
  readonly rules: readonly string[];
  /** Published ports of lean mode, as lines for nft. */
  readonly ports: readonly string[];
  /** Containers whose namespace was left without a record. */
  readonly namespaces: readonly string[];
  /** Interfaces of the host: those of the bandwidth plugin. */
  readonly interfaces: readonly string[];
  /** What the plugins said to GC. */
  readonly plugins: readonly PluginGc[];
  /** What could not be removed, and why. */
  readonly failed: readonly { readonly what: string; readonly message: string }[];
}

/**
 * GC of one plugin. It is `due` in a dry run, `unsupported` before CNI 1.1.0 and where the plugin does not know the
 * command.
 */
export interface PluginGc {
  readonly network: string;
  readonly plugin: string;
  readonly outcome: "collected" | "due" | "unsupported" | "failed";
  /** Why it failed. */
  readonly message?: string;
}
