import { invalid } from "@voiyd/runtime-api";

const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LONGEST_NAME = 255;

/**
 * `docker.io/library/nginx:latest` for `nginx`: the grammar of the OCI distribution specification (pull), with Docker's
 * defaults. Throws `INVALID_ARGUMENT`.
 */
export function normalizeReference(reference: string): string {
  const at = reference.indexOf("@");
  const digest = at === -1 ? undefined : reference.slice(at + 1);
  const named = at === -1 ? reference : reference.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const name = tagged ? named.slice(0, colon) : named;
  const tag = tagged ? named.slice(colon + 1) : undefined;
  const [domain, path] = splitDomain(name);
  const valid =
    DOMAIN.test(domain) &&
    PATH.test(path) &&
    `${domain}/${path}`.length <= LONGEST_NAME &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  if (!valid) throw invalid("image", reference, "an image reference, as nginx, ghcr.io/owner/app:1.2 or app@sha256:…");
  const version = `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
  return `${domain}/${path}${version === "" ? ":latest" : version}`;
}

/** The first part is a host when it looks like one: a dot, a port, an upper-case letter, or `localhost`. */
function splitDomain(name: string): readonly [domain: string, path: string] {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  if (first === "localhost" || /[.:A-Z]/.test(first)) {
    const path = name.slice(slash + 1);
    return first === "docker.io" && !path.includes("/") ? [first, `library/${path}`] : [first, path];
  }
  return ["docker.io", slash === -1 ? `library/${name}` : name];
}
