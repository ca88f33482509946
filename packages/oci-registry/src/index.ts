export type { Reference } from "./reference/reference.js";
export type { Descriptor } from "./document/descriptor.js";
export type { Index, Manifest } from "./document/manifest.js";
export type { ImageHealthcheck } from "./document/image-healthcheck.js";
export type { ImageConfig, ImageExecution, ImageHistory } from "./document/image-config.js";
export type { Platform } from "./platform/platform.js";
export type { FetchOptions, ImageSource, ResolveOptions } from "./source/image-source.js";
export type { BlobContent, PushBlobOptions, PushedBlob, ReferrersOptions, Registry } from "./source/registry.js";
export type { RegistryOptions } from "./registry/registry-options.js";
export type { HostProvider, RegistryHost } from "./registry/registry-host.js";
export type { HostsFoldersOptions } from "./hosts/hosts-folders.js";
export type { ProxyEnvironment } from "./http/proxy-rules.js";
export type { StoredCredentials } from "./credentials/store-credentials.js";
export type { CredentialOptions, CredentialProvider, Credentials } from "./credentials/credentials.js";
export type { DockerConfigOptions } from "./credentials/docker-config.js";
export type { HelperAnswer, HelperOptions, HelperRunner } from "./credentials/credential-helper.js";
export type { HttpRequest, HttpResponse, StreamedBody, TlsOptions, Transport } from "./http/transport.js";
export type { Clock } from "./http/clock.js";

export { formatReference } from "./reference/reference.js";
export { parseReference } from "./reference/parse-reference.js";
export { createRegistrySource } from "./registry/registry-source.js";
export { DEFAULT_HOSTS_FOLDERS, hostsFromFolders } from "./hosts/hosts-folders.js";
export { credentialKey, firstCredentials } from "./credentials/credentials.js";
export { eraseCredentials, storeCredentials } from "./credentials/store-credentials.js";
export { dockerConfigCredentials } from "./credentials/docker-config.js";
export { createLayoutSource } from "./layout/layout-source.js";
export { parseIndex, parseManifest } from "./document/manifest.js";
export { parseImageConfig } from "./document/image-config.js";
export { MAX_CONFIG_BYTES, MAX_DESCRIPTORS, MAX_MANIFEST_BYTES } from "./document/limits.js";
export {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  isIndexType,
  isManifestType,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./document/media-types.js";
export { formatPlatform } from "./platform/platform.js";
export { readPlatformText } from "./platform/read-platform-text.js";
export { hostPlatform } from "./platform/host-platform.js";
export { platformFits, selectPlatform } from "./platform/select-platform.js";
export { digestOf, isDigest } from "./digest/digest.js";
