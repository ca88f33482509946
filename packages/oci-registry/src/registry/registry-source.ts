import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeErrorCode } from "@voiyd/runtime-api";
import type { Descriptor } from "../document/descriptor.js";
import type { Reference } from "../reference/reference.js";
import { formatReference } from "../reference/reference.js";
import type { FetchOptions, ImageSource, ResolveOptions } from "../source/image-source.js";
import { verifyStream } from "../source/verify-stream.js";
import { fetchFrom } from "./fetch-blob.js";
import { RegistryClient } from "./registry-client.js";
import type { HostProvider, RegistryHost } from "./registry-host.js";
import { upstreamHost } from "./registry-host.js";
import type { RegistryOptions } from "./registry-options.js";
import { resolveOn } from "./resolve.js";

/**
 * Registries as a source of images, by the OCI distribution spec: HTTPS, or plain HTTP to loopback (with another port
 * than 443) and to the hosts listed as insecure. Connections are kept open until the source is disposed of.
 */
export function createRegistrySource(options: RegistryOptions = {}): ImageSource {
  return new RegistrySource(options);
}

class RegistrySource implements ImageSource {
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
    const failures: unknown[] = [];
    for (const host of hosts) {
      try {
        return await resolveOn(this.#client, host, reference, signal);
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(error);
      }
    }
    throw worst(failures, reference);
  }

  fetch(
    reference: Reference,
    descriptor: Descriptor,
    { offset = 0, signal }: FetchOptions = {},
  ): AsyncIterable<Uint8Array> {
    return verifyStream(this.#stream(reference, descriptor, offset, signal), descriptor, offset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async *#stream(
    reference: Reference,
    descriptor: Descriptor,
    offset: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const position = { value: offset };
    const failures: unknown[] = [];
    for (const host of await this.#candidates(reference, (candidate) => candidate.canPull, signal)) {
      try {
        yield* fetchFrom(this.#client, host, reference, descriptor, position, signal);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(error);
      }
    }
    throw worst(failures, reference);
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

function worst(failures: readonly unknown[], reference: Reference): unknown {
  for (const code of TELLING) {
    const failure = failures.find((item) => isRuntimeError(item, code));
    if (failure !== undefined) return failure;
  }
  return (
    failures.at(-1) ??
    new RuntimeError("UNAVAILABLE", `${formatReference(reference)}: no server is configured that may be asked`)
  );
}
