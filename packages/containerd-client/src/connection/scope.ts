/** What a call carries besides its message. */
export interface Scope {
  /** The containerd namespace; without one most calls fail with `failed_precondition`. */
  readonly namespace: string;
  /** What the call creates is held by this lease until the lease is deleted. It must exist. */
  readonly lease?: string;
}

const NAMESPACE_HEADER = "containerd-namespace";
const LEASE_HEADER = "containerd-lease";

export function scopeHeaders(scope: Scope, header: ConstructorParameters<typeof Headers>[0]): Headers {
  const headers = new Headers(header);
  // What a single call says wins over the scope of its client.
  if (!headers.has(NAMESPACE_HEADER)) headers.set(NAMESPACE_HEADER, scope.namespace);
  if (scope.lease !== undefined && !headers.has(LEASE_HEADER)) headers.set(LEASE_HEADER, scope.lease);
  return headers;
}
