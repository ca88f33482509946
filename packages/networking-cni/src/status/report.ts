import type { AttachmentPhase } from "../record/attachment-record.js";

/** Whether networks work here, and why not. */
export interface StatusReport {
  readonly host: HostStatus;
  readonly networks: readonly NetworkStatus[];
  /** Files among the configurations that cannot be used. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/** What the host and this process can do. */
export interface HostStatus {
  /** The capabilities of this process that networks need (capabilities(7)). */
  readonly capabilities: { readonly netAdmin: boolean; readonly sysAdmin: boolean };
  /** The folders that plugins are looked for in, as far as they exist. */
  readonly binDirs: readonly string[];
  /** The firewall tools in PATH that the plugins use. */
  readonly firewalls: readonly FirewallStatus[];
}

/** One of `iptables`, `ip6tables` and `nft`. */
export interface FirewallStatus {
  readonly tool: string;
  /** Absent where it is not installed, or does not work. */
  readonly version?: string;
  /** What is behind it. */
  readonly backend?: "nft" | "legacy";
  /** The other backend has rules of CNI plugins: they are there twice, or half. */
  readonly mixed: boolean;
}

export interface NetworkStatus {
  readonly name: string;
  readonly file: string;
  /** Whether an attach can be expected to succeed, as far as can be told without trying. */
  readonly ready: boolean;
  /** The CNI version that its plugins are called with; absent where they have none in common. */
  readonly version?: string;
  /** Why there is no version. */
  readonly problem?: string;
  readonly plugins: readonly PluginStatus[];
  /** Of each range of `host-local`. */
  readonly addresses: readonly AddressStatus[];
  /** How many attachments there are, by their phases; `foreign` are those of other programs. */
  readonly attachments: Readonly<Record<AttachmentPhase | "foreign", number>>;
  /** Whether the first attach since boot is over, which has to be alone; and the first one with published ports. */
  readonly primed: boolean;
  readonly primedForPorts: boolean;
  /** What is known to be wrong with these plugins, and is dealt with; one sentence each. */
  readonly quirks: readonly string[];
}

export interface PluginStatus {
  readonly type: string;
  /** Whether it is called by another plugin, for addresses. */
  readonly isIpam: boolean;
  /** Absent where it is missing. */
  readonly path?: string;
  /** The CNI versions that it speaks. */
  readonly versions: readonly string[];
  /** Its release, as it says itself; absent where it does not (Debian's plugins). */
  readonly release?: string;
  /** `unasked`: STATUS came with CNI 1.1.0. */
  readonly status: "ready" | "unasked" | "missing" | "failed";
  /** What it said when it was not ready. */
  readonly message?: string;
}

export interface AddressStatus {
  /** In CIDR notation. */
  readonly subnet: string;
  /** How many containers the range is for. Beyond 2^53 not exact. */
  readonly total: number;
  readonly free: number;
}
