export type { NetworkManagerOptions } from "./manager/options.js";
export type { Timeouts } from "./manager/parts.js";
export type { CniNetworkManager } from "./manager/cni-network-manager.js";
export type { RecoverReport } from "./manager/recover.js";
export type { GcOptions, GcReport, PluginGc, ValidAttachment } from "./gc/report.js";
export type { DefaultNetworkOptions, NetworkMode } from "./config/default-network.js";
export type { AddressRange } from "./config/subnets-of.js";
export type { CreateNetworkRequest, NetworkInfo } from "./network/network-info.js";
export type {
  AddressStatus,
  FirewallStatus,
  HostStatus,
  NetworkStatus,
  PluginStatus,
  StatusReport,
} from "./status/report.js";
export type { HostEntry } from "./names/render-hosts.js";
export type { DnsSettings, ResolverFacts } from "./names/render-resolv-conf.js";
export type { FoundPlugin, PluginExecutor, PluginInvocation } from "./plugin/executor.js";
export type { ProcessOutcome, ProcessRequest, RunProcess } from "./plugin/run-process.js";
export type { NetworkConfigList, PluginConfig } from "./protocol/config-list.js";
export type { FailureReason } from "./protocol/failure.js";
export type { JsonObject, JsonValue } from "./protocol/json.js";
export type { AttachmentKey, CniCommand, EncodedRequest, PluginRequest } from "./protocol/request.js";
export type { CniResult, ResultAddress, ResultInterface, ResultRoute } from "./protocol/result.js";
export type { PluginVersions } from "./protocol/select-version.js";
export type {
  AttachmentNaming,
  AttachmentPhase,
  AttachmentRecord,
  AttachmentState,
} from "./record/attachment-record.js";

export { createNetworkManager } from "./manager/create-network-manager.js";
export { BrokerExecutor } from "./plugin/broker-executor.js";
export { InlineExecutor } from "./plugin/executor.js";
export { runProcess } from "./plugin/run-process.js";
export { DEFAULT_BIN_DIRS } from "./plugin/bin-dirs.js";
export { mergeHosts, renderHosts } from "./names/render-hosts.js";
export { hostResolvConf, parseResolvConf, renderResolvConf } from "./names/render-resolv-conf.js";
export { parsePort } from "./ports/parse-port.js";
export { chainName } from "./protocol/chain-name.js";
export { parseConfigList, parseSingleConfig } from "./protocol/config-list.js";
export { convertResult } from "./protocol/convert-result.js";
export { encodeRequest } from "./protocol/request.js";
export { readResult } from "./protocol/result.js";
export { selectVersion } from "./protocol/select-version.js";
export { CNI_VERSIONS, compareVersions, NEWEST_CNI_VERSION } from "./protocol/versions.js";
export { decodeRecord } from "./record/decode-record.js";
export { encodeRecord } from "./record/encode-record.js";
