/** What a call carries besides its message. */
export interface Scope {
  /** The containerd namespace; without one most calls fail with `failed_precondition`. */
  readonly namespace: string;
  /** What the call creates is held by this lease until the lease is deleted. It must exist. */
  readonly lease?: string;
}

const NAMESPACE_HEADER = "containerd-namespace";
const LEASE_HEADER = "containerd-lease";

/** @param header what the call itself carries, in any form that `new Headers()` takes */
export function scopeHeaders(scope: Scope, header: unknown): Headers {
  const headers = new Headers();
  for (const [name, value] of entries(header)) headers.append(name, String(value));
  // What a single call says wins over the scope of its client.
  if (!headers.has(NAMESPACE_HEADER)) headers.set(NAMESPACE_HEADER, scope.namespace);
  if (scope.lease !== undefined && !headers.has(LEASE_HEADER)) headers.set(LEASE_HEADER, scope.lease);
  return headers;
}

function entries(header: unknown): Iterable<readonly [string, unknown]> {
  if (header instanceof Headers) return header;
  if (Array.isArray(header)) return header.flatMap((pair: unknown) => (isPair(pair) ? [pair] : []));
  return typeof header === "object" && header !== null ? Object.entries(header) : [];
}

function isPair(value: unknown): value is [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}
