import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeErrorCode } from "@voiyd/runtime-api";
import type { Descriptor } from "../document/descriptor.js";
import type { Reference } from "../reference/reference.js";
import { formatReference } from "../reference/reference.js";
import { MAX_MANIFEST_BYTES } from "../document/limits.js";
import type { FetchOptions, ResolveOptions } from "../source/image-source.js";
import type { BlobContent, PushBlobOptions, PushedBlob, ReferrersOptions, Registry } from "../source/registry.js";
import { verifyStream, wrongDigest } from "../source/verify-stream.js";
import { answerFailure } from "./answer-failure.js";
import { fetchFrom } from "./fetch-blob.js";
import { listReferrers } from "./list-referrers.js";
import { listTags } from "./list-tags.js";
import { pushBlobTo } from "./push-blob.js";
import { RegistryClient } from "./registry-client.js";
import type { HostProvider, RegistryHost } from "./registry-host.js";
import { upstreamHost } from "./registry-host.js";
import type { RegistryOptions } from "./registry-options.js";
import { resolveOn } from "./resolve.js";

/**
 * Registries as a source of images, and as a place for them, by the OCI distribution spec: HTTPS, or plain HTTP to loopback (with another port
 * than 443) and to the hosts listed as insecure. Connections are kept open until the source is disposed of.
 */
export function createRegistrySource(options: RegistryOptions = {}): Registry {
  return new RegistrySource(options);
}

class RegistrySource implements Registry {
  readonly #client: RegistryClient;
  readonly #hosts: HostProvider;
  readonly #insecureRegistries: readonly string[];

  constructor(options: RegistryOptions) {
    this.#client = new RegistryClient(options);
    this.#hosts = options.hosts ?? (() => Promise.resolve([]));
    this.#insecureRegistries = options.insecureRegistries ?? [];
  }

  async resolve(reference: Reference, { signal }: ResolveOptions = {}): Promise<Descriptor> {
    const hosts = await this.#candidates(
      reference,
      (host) => host.canResolve || (host.canPull && reference.digest !== undefined),
      signal,
    );
    return this.#firstOf(hosts, reference, signal, (host) => resolveOn(this.#client, host, reference, signal));
  }

  fetch(reference: Reference, descriptor: Descriptor, options: FetchOptions = {}): AsyncIterable<Uint8Array> {
    return verifyStream(this.#stream(reference, descriptor, options), descriptor, options);
  }

  async *tags(reference: Reference, { signal }: ResolveOptions = {}): AsyncGenerator<string, void, undefined> {
    // One server's list and no mixture: the first that has a first page has all of them.
    const hosts = await this.#candidates(reference, ({ canResolve }) => canResolve, signal);
    const [first, rest] = await this.#firstOf(hosts, reference, signal, async (host) => {
      const tags = listTags(this.#client, host, reference, signal);
      return [await tags.next(), tags] as const;
    });
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  }

  async referrers(
    reference: Reference,
    digest: string,
    options: ReferrersOptions = {},
  ): Promise<readonly Descriptor[]> {
    const { signal } = options;
    const hosts = await this.#candidates(reference, ({ canPull }) => canPull, signal);
    return this.#firstOf(hosts, reference, signal, (host) =>
      listReferrers(this.#client, host, reference, digest, options),
    );
  }

  async pushBlob(
    reference: Reference,
    descriptor: Descriptor,
    content: BlobContent,
    options: PushBlobOptions = {},
  ): Promise<PushedBlob> {
    const host = await this.#pushHost(reference, options.signal);
    return pushBlobTo(this.#client, host, reference, descriptor, content, options);
  }

  async pushManifest(
    reference: Reference,
    descriptor: Descriptor,
    bytes: Uint8Array,
    { signal }: ResolveOptions = {},
  ): Promise<void> {
    if (bytes.length > MAX_MANIFEST_BYTES)
      throw new RuntimeError("IMAGE_INVALID", `${descriptor.digest} is larger than a manifest may be`);
    const host = await this.#pushHost(reference, signal);
    const { repository, tag } = reference;
    const response = await this.#client.send({
      host,
      method: "PUT",
      path: `${repository}/manifests/${tag ?? descriptor.digest}`,
      repository,
      actions: "pull,push",
      headers: { "content-type": descriptor.mediaType },
      body: bytes,
      signal,
    });
    if (response.status !== 201) throw await answerFailure(response, formatReference(reference), this.#client, "push");
    await response.discard();
    const said = response.headers["docker-content-digest"];
    if (typeof said === "string" && said.startsWith("sha256:") && said !== descriptor.digest)
      throw wrongDigest(descriptor.digest, said);
  }

  async checkAccess(registry: string, { signal }: ResolveOptions = {}): Promise<void> {
    const reference = { registry, repository: "" };
    const [host] = await this.#candidates(reference, ({ canPush }) => canPush, signal);
    if (host === undefined) throw worst([], reference);
    const response = await this.#client.send({ host, method: "GET", path: "", repository: "", signal });
    if (response.status !== 200) throw await answerFailure(response, registry, this.#client);
    await response.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async *#stream(
    reference: Reference,
    descriptor: Descriptor,
    { offset = 0, memory, signal }: FetchOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const position = { value: offset };
    const failures: Failure[] = [];
    for (const host of await this.#candidates(reference, (candidate) => candidate.canPull, signal)) {
      try {
        yield* fetchFrom(this.#client, host, reference, descriptor, position, { memory, signal });
        return;
      } catch (error) {
        signal?.throwIfAborted();
        this.#note(host, error, failures);
      }
    }
    throw worst(failures, reference);
  }

  async #firstOf<T>(
    hosts: readonly RegistryHost[],
    reference: Reference,
    signal: AbortSignal | undefined,
    ask: (host: RegistryHost) => Promise<T>,
  ): Promise<T> {
    const failures: Failure[] = [];
    for (const host of hosts) {
      try {
        return await ask(host);
      } catch (error) {
        signal?.throwIfAborted();
        this.#note(host, error, failures);
      }
    }
    throw worst(failures, reference);
  }

  #note(host: RegistryHost, error: unknown, failures: Failure[]): void {
    failures.push({ host: host.url.host, error });
    const code = isRuntimeError(error) ? error.code : "INTERNAL";
    this.#client.logger.debug("a registry's server could not help", { host: host.url.host, code });
  }

  async #pushHost(reference: Reference, signal: AbortSignal | undefined): Promise<RegistryHost> {
    const [host] = await this.#candidates(reference, ({ canPush }) => canPush, signal);
    if (host !== undefined) return host;
    throw new RuntimeError("UNAVAILABLE", `${formatReference(reference)}: no server is configured that takes pushes`);
  }

  async #candidates(
    reference: Reference,
    fits: (host: RegistryHost) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly RegistryHost[]> {
    signal?.throwIfAborted();
    const hosts = await this.#hosts(reference.registry, { signal });
    return (hosts.length > 0 ? hosts : [upstreamHost(reference.registry, this.#insecureRegistries)]).filter(fits);
  }
}

/** From the most telling: that access was refused says more than that a mirror was down. */
const TELLING: readonly RuntimeErrorCode[] = [
  "DIGEST_MISMATCH",
  "IMAGE_INVALID",
  "REGISTRY_UNAUTHORIZED",
  "REGISTRY_RATE_LIMITED",
  "IMAGE_NOT_FOUND",
  "REGISTRY_ERROR",
  "TIMEOUT",
];

/** What the servers said, one after the other. */
interface Failure {
  readonly host: string;
  readonly error: unknown;
}

function worst(failures: readonly Failure[], reference: Reference): unknown {
  const telling = TELLING.map((code) => failures.find(({ error }) => isRuntimeError(error, code))).find(
    (failure) => failure !== undefined,
  );
  const chosen = (telling ?? failures.at(-1))?.error;
  if (chosen === undefined)
    return new RuntimeError("UNAVAILABLE", `${formatReference(reference)}: no server is configured that may be asked`);
  if (failures.length === 1 || !isRuntimeError(chosen)) return chosen;
  const tried = failures.map(({ host, error }) => `${host}: ${isRuntimeError(error) ? error.code : "INTERNAL"}`);
  return new RuntimeError(chosen.code, chosen.message, {
    ...(chosen.hint !== undefined && { hint: chosen.hint }),
    details: { ...chosen.details, tried },
    cause: chosen,
  });
}
