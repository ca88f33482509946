/** What a call carries besides its message. */
export interface Scope {
  /** The containerd namespace; without one most calls fail with `failed_precondition`. */
  readonly namespace: string;
  /** What the call creates is held by this lease until the lease is deleted. It must exist. */
  readonly lease?: string;
}

const NAMESPACE_HEADER = "containerd-namespace";
const LEASE_HEADER = "containerd-lease";

/**
 * The headers of a call as a plain object, names in lower case: the first use of the global `Headers` loads all of Node's
 * `fetch`.
 *
 * @param header what the call itself carries, in any form that `new Headers()` takes
 */
export function scopeHeaders(scope: Scope, header: unknown): Record<string, string> {
  const headers: Record<string, string> = { [NAMESPACE_HEADER]: scope.namespace };
  if (scope.lease !== undefined) headers[LEASE_HEADER] = scope.lease;
  if (header === undefined) return headers;
  const own = new Map<string, string>();
  for (const [name, value] of entries(header)) {
    const key = name.toLowerCase();
    const before = own.get(key);
    own.set(key, before === undefined ? String(value) : `${before}, ${String(value)}`);
  }
  // What a single call says wins over the scope of its client.
  return { ...headers, ...Object.fromEntries(own) };
}

function entries(header: unknown): Iterable<readonly [string, unknown]> {
  if (typeof header !== "object" || header === null) return [];
  if (!isIterable(header)) return Object.entries(header);
  return [...header].flatMap((pair) => (isPair(pair) ? [pair] : []));
}

function isPair(value: unknown): value is [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

/** `Headers` are, and lists of pairs. */
function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}
