import { RuntimeError, type RuntimeErrorCode, type RuntimeErrorDetails } from "@voiyd/runtime-api";
import type { PluginComplaint } from "./plugin-answer.js";
import type { CniCommand } from "./request.js";

/** Why a plugin failed, as far as its code or message tells. Stands in `details.reason` of the errors. */
export type FailureReason =
  | "addresses-exhausted"
  | "stale-attachment"
  | "stale-interface"
  | "address-unavailable"
  | "namespace-invalid"
  | "firewall-race"
  | "tool-missing"
  | "firewall-backend"
  | "bridge-conflict"
  | "plugin-unavailable"
  | "version-incompatible"
  | "try-again"
  | "crashed"
  | "unknown";

interface Explanation {
  readonly reason: FailureReason;
  readonly retryable: boolean;
  readonly hint?: string;
}

/** Nearly everything that the reference plugins answer has code 999, so their messages have to tell. */
const BY_MESSAGE: readonly (readonly [RegExp, Explanation])[] = [
  [
    /no IP addresses available in range set/,
    { reason: "addresses-exhausted", retryable: false, hint: "Remove containers, or give the network a bigger subnet" },
  ],
  [
    /duplicate allocation is not allowed/,
    { reason: "stale-attachment", retryable: true, hint: "Detach the container first" },
  ],
  [
    /requested IP address .* is not available|failed to allocate all requested IPs|is subnet's gateway/,
    { reason: "address-unavailable", retryable: false, hint: "Ask for another address" },
  ],
  [
    /container veth name (?:provided )?\(.* already exists/,
    { reason: "stale-interface", retryable: true, hint: "Detach the container first" },
  ],
  [/failed to open netns|unknown FS magic/, { reason: "namespace-invalid", retryable: false }],
  [
    // In front of the races: both come with exit status 4.
    /incompatible.*use 'nft' tool|_ADD failed \(Operation not supported\)/,
    {
      reason: "firewall-backend",
      retryable: false,
      hint: "Another program owns a table that iptables needs; use one firewall backend only",
    },
  ],
  [
    /CHAIN_USER_ADD failed|\bexit status 4\b|Resource temporarily unavailable/,
    { reason: "firewall-race", retryable: true },
  ],
  [
    /executable file not found in \$PATH/,
    { reason: "tool-missing", retryable: false, hint: "Install iptables, and see that it is in PATH" },
  ],
  [
    /already has an IP address different from/,
    {
      reason: "bridge-conflict",
      retryable: false,
      hint: "The bridge exists with another subnet: remove it, or choose another bridge name",
    },
  ],
  [/error dialing DHCP daemon/, { reason: "plugin-unavailable", retryable: true, hint: "Start the CNI dhcp daemon" }],
];

const BY_CODE: ReadonlyMap<number, Explanation> = new Map([
  [
    1,
    { reason: "version-incompatible", retryable: false, hint: "Lower the list's cniVersion, or install newer plugins" },
  ],
  [8, { reason: "namespace-invalid", retryable: false }],
  [11, { reason: "try-again", retryable: true }],
  // What it needs has to be brought back first: until then a retry fails as well.
  [50, { reason: "plugin-unavailable", retryable: false }],
  [51, { reason: "plugin-unavailable", retryable: false }],
]);

/** Where a plugin failed, and how. */
export interface PluginFailure {
  readonly command: CniCommand;
  readonly plugin: string;
  readonly network: string;
  readonly containerId: string;
  readonly complaint: PluginComplaint;
  readonly exitCode: number | null;
  /** It was ended by a signal that was not ours. */
  readonly crashed?: boolean;
  readonly stderr: string;
}

const CRASHED: Explanation = {
  reason: "crashed",
  retryable: false,
  hint: "The plugin was ended by a signal: the kernel's log may say why (no memory left, a defect of the plugin)",
};

const STDERR_TAIL = 2000;

/** Explains a failure by its code, then by its message. */
export function explain(complaint: PluginComplaint): Explanation {
  const text = `${complaint.message} ${complaint.details ?? ""}`;
  const known = BY_CODE.get(complaint.code) ?? BY_MESSAGE.find(([pattern]) => pattern.test(text))?.[1];
  return known ?? { reason: "unknown", retryable: false };
}

/** The typed error for a failed plugin. Its details name the plugin, the network, the container and the CNI code. */
export function pluginError(failure: PluginFailure): RuntimeError {
  const { command, plugin, network, containerId, complaint } = failure;
  const explained = explain(complaint);
  const explanation = failure.crashed === true && explained.reason === "unknown" ? CRASHED : explained;
  const details: RuntimeErrorDetails = {
    command,
    plugin,
    network,
    containerId,
    cniCode: complaint.code,
    reason: explanation.reason,
    retryable: explanation.retryable,
    stderr: failure.stderr.slice(-STDERR_TAIL),
    ...(failure.exitCode === null ? {} : { exitCode: failure.exitCode }),
  };
  const more = complaint.details === undefined ? "" : ` (${complaint.details})`;
  const subject = containerId === "" ? `network ${network}` : `network ${network} of container ${containerId}`;
  return new RuntimeError(
    codeFor(command, explanation.reason),
    `${subject}: plugin ${plugin}: ${complaint.message}${more}`,
    {
      details,
      ...(explanation.hint === undefined ? {} : { hint: explanation.hint }),
    },
  );
}

function codeFor(command: CniCommand, reason: FailureReason): RuntimeErrorCode {
  if (reason === "addresses-exhausted") return "NETWORK_ADDRESSES_EXHAUSTED";
  if (reason === "version-incompatible") return "NETWORK_CONFIG_INVALID";
  return command === "DEL" || command === "GC" ? "NETWORK_TEARDOWN_FAILED" : "NETWORK_SETUP_FAILED";
}
