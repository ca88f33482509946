import { parseDigest } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { MAX_MANIFEST_BYTES } from "../document/limits.js";
import { parseIndex } from "../document/manifest.js";
import { OCI_INDEX } from "../document/media-types.js";
import type { HttpResponse } from "../http/transport.js";
import type { Reference } from "../reference/reference.js";
import { readLimited } from "../source/read-limited.js";
import { answerFailure } from "./answer-failure.js";
import { invalidDocument } from "../document/json-reader.js";
import type { RegistryClient } from "./registry-client.js";
import type { RegistryHost } from "./registry-host.js";

/** What refers to a manifest, on one server: by the referrers API, else by the tag `sha256-<hex>` that stands in for it. */
export async function listReferrers(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  digest: string,
  options: { readonly artifactType?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<readonly Descriptor[]> {
  const { repository } = reference;
  const { artifactType, signal } = options;
  const parsed = parseDigest(digest);
  if (parsed === undefined) throw invalidDocument(JSON.stringify(digest), "is not a sha256 or sha512 digest");
  const ask = (path: string, query: Readonly<Record<string, string>> = {}): Promise<HttpResponse> =>
    client.send({ host, method: "GET", path, repository, query, headers: { accept: OCI_INDEX }, signal });
  let response = await ask(`${repository}/referrers/${digest}`, artifactType === undefined ? {} : { artifactType });
  if (response.status === 404) {
    await response.discard();
    response = await ask(`${repository}/manifests/${parsed.algorithm}-${parsed.hex}`);
    if (response.status === 404) {
      await response.discard();
      return [];
    }
  }
  const subject = `what refers to ${digest}`;
  if (response.status !== 200) throw await answerFailure(response, subject, client);
  const bytes = await readLimited(response.body, MAX_MANIFEST_BYTES);
  if (bytes === undefined) throw invalidDocument(subject, "is a list that is too long");
  const { manifests } = parseIndex(bytes, OCI_INDEX);
  // The server may filter, and need not.
  return artifactType === undefined ? manifests : manifests.filter((item) => item.artifactType === artifactType);
}
