import type { RuntimeError } from "@voiyd/runtime-api";
import { invalid } from "@voiyd/runtime-api";
import { isDigest } from "../digest/digest.js";
import type { Reference } from "./reference.js";

const DEFAULT_REGISTRY = "docker.io";
const LEGACY_DEFAULT_REGISTRY = "index.docker.io";
const OFFICIAL_FOLDER = "library";
const LONGEST_REPOSITORY = 255;
// Above every valid reference. Bounds the work of the patterns below.
const LONGEST_REFERENCE = 1024;

const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::([0-9]{1,5}))?$/;
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const IMAGE_ID = /^[a-f0-9]{64}$/;

/**
 * Reads `[host[:port]/]path[:tag][@digest]` by Docker's grammar and fills in its defaults: `nginx` is
 * `docker.io/library/nginx:latest`, and the first part is a host only when it holds a dot, a colon or a capital, or is
 * `localhost`. Throws `INVALID_ARGUMENT`.
 */
export function parseReference(text: string): Reference {
  if (typeof text !== "string" || text === "") throw refuse(text, "an image reference, such as nginx:1.27");
  if (text.length > LONGEST_REFERENCE) throw refuse(text, `at most ${String(LONGEST_REFERENCE)} characters long`);
  if (IMAGE_ID.test(text)) throw refuse(text, "a name: 64 hex digits are an image id, which no registry knows");
  const { registry, rest } = splitRegistry(text);
  assertHost(registry, text);
  const { path, tag, digest } = splitPath(rest);
  const repository = registry === DEFAULT_REGISTRY && !path.includes("/") ? `${OFFICIAL_FOLDER}/${path}` : path;
  assertRepository(repository, text);
  if (tag !== undefined && !TAG.test(tag)) {
    throw refuse(text, "tagged with 1 to 128 letters, digits, _, . or -, neither . nor - first");
  }
  if (digest !== undefined && !isDigest(digest))
    throw refuse(text, "pinned by sha256:<64 hex digits> or sha512:<128 hex digits>");
  if (digest === undefined) return { registry, repository, tag: tag ?? "latest" };
  return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest };
}

function splitRegistry(text: string): { registry: string; rest: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  if (!isHost) return { registry: DEFAULT_REGISTRY, rest: text };
  return { registry: first === LEGACY_DEFAULT_REGISTRY ? DEFAULT_REGISTRY : first, rest: text.slice(slash + 1) };
}

function splitPath(rest: string): { path: string; tag: string | undefined; digest: string | undefined } {
  const at = rest.indexOf("@");
  const digest = at === -1 ? undefined : rest.slice(at + 1);
  const named = at === -1 ? rest : rest.slice(0, at);
  const colon = named.indexOf(":");
  return {
    path: colon === -1 ? named : named.slice(0, colon),
    tag: colon === -1 ? undefined : named.slice(colon + 1),
    digest,
  };
}

function assertHost(registry: string, text: string): void {
  const match = HOST.exec(registry);
  const port = match?.[1];
  // The URL parser refuses what the grammar lets through: 1.2.3.400, [:::], port 70000.
  if (match === null || (port !== undefined && Number(port) > 65535) || !URL.canParse(`https://${registry}/`)) {
    throw refuse(text, "on a registry named by host[:port]");
  }
}

function assertRepository(repository: string, text: string): void {
  if (repository !== repository.toLowerCase()) throw refuse(text, "in lower case up to the tag");
  if (repository.length > LONGEST_REPOSITORY)
    throw refuse(text, `named by at most ${String(LONGEST_REPOSITORY)} characters`);
  if (!repository.split("/").every((part) => PATH_PART.test(part))) {
    throw refuse(text, "made of lower-case letters and digits, joined by ., _, __, - or /");
  }
}

function refuse(text: unknown, allowed: string): RuntimeError {
  return invalid("image", text, allowed);
}
