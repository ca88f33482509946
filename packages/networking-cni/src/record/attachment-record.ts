import type { PortMapping } from "@voiyd/runtime-api";
import type { JsonObject } from "../protocol/json.js";

/** Where an attachment is in its life. `broken` means that undoing it did not succeed completely. */
export type AttachmentPhase = "adding" | "attached" | "deleting" | "broken";

/**
 * The record of one attachment: one container, one network, one interface. It is libcni's cache entry
 * (`<cacheDir>/results/<network>-<container>-<interface>`), with our state under one key of its own.
 */
export interface AttachmentRecord {
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
  /** The text of the configuration list that was used. */
  readonly config: string;
  readonly netns?: string;
  readonly cniArgs?: readonly (readonly [string, string])[];
  readonly capabilityArgs?: JsonObject;
  /** The result of the last plugin that has succeeded so far. */
  readonly result?: JsonObject;
  /** Absent in records of other programs, and after they rewrote one of ours. */
  readonly state?: AttachmentState;
}

/** What we know of an attachment beyond libcni. */
export interface AttachmentState {
  readonly phase: AttachmentPhase;
  /** Which of the container's networks this is, from 0. */
  readonly index: number;
  /** How many plugins of the list had succeeded when the record was last written. */
  readonly step: number;
  /** The CNI version that was chosen for the list. */
  readonly cniVersion: string;
  /** The boot in which it was made (`/proc/sys/kernel/random/boot_id`); inode numbers mean nothing in another one. */
  readonly bootId: string;
  /** The identity of the container's network namespace. */
  readonly namespaceInode: string;
  /** The process that works on it, or did: pid and start time. */
  readonly owner: string;
  /** What was asked for, so that the same request again is recognised. */
  readonly request: string;
  readonly ports: readonly Required<PortMapping>[];
  /** Absent where the container has no names. */
  readonly naming?: AttachmentNaming;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What a container is called on one network. */
export interface AttachmentNaming {
  /** Its own names, the same on each of its networks. */
  readonly names: readonly string[];
  /** More names on this network. */
  readonly aliases: readonly string[];
  /** What it calls the way to its host. */
  readonly gatewayNames: readonly string[];
  /** The container's hosts file. */
  readonly hostsFile?: string;
  /** Whether containers find each other on this network by their names: on all but the default one. */
  readonly shared: boolean;
}
