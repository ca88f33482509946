import { RuntimeError } from "@voiyd/runtime-api";
import { listMember, parseJsonObject } from "../document/json-reader.js";
import type { Reference } from "../reference/reference.js";
import { readLimited } from "../source/read-limited.js";
import { answerFailure } from "./answer-failure.js";
import type { RegistryClient } from "./registry-client.js";
import type { RegistryHost } from "./registry-host.js";

const PAGE = "1000";
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** A registry whose pages never end is not read for ever. */
const MOST_PAGES = 10_000;
const TAG = /^\w[\w.-]{0,127}$/;

/** The tags of a repository on one server (distribution spec, "Listing Tags"). */
export async function* listTags(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const { registry, repository } = reference;
  const subject = `${registry}/${repository}`;
  let path: string | URL = `${repository}/tags/list`;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const response = await client.send({
      host,
      method: "GET",
      path,
      repository,
      ...(typeof path === "string" && { query: { n: PAGE } }),
      signal,
    });
    if (response.status !== 200) throw await answerFailure(response, `the tags of ${subject}`, client);
    const bytes = await readLimited(response.body, MAX_PAGE_BYTES);
    if (bytes === undefined) throw unreadable(subject, "is too long");
    const tags = listMember(parseJsonObject(bytes, `the list of tags of ${subject}`, MAX_PAGE_BYTES), "tags", subject);
    for (const tag of tags) {
      if (typeof tag !== "string" || !TAG.test(tag)) throw unreadable(subject, "holds something else than tags");
      yield tag;
    }
    const next = nextPage(response.headers["link"], response.url);
    if (next === undefined) return;
    // A page elsewhere would be a redirect that no rule of redirects has seen.
    if (next.origin !== host.url.origin) throw unreadable(subject, "goes on at another server");
    path = next;
  }
}

/** RFC 8288: `</v2/a/tags/list?n=2&last=b>; rel="next"`. */
function nextPage(header: string | string[] | undefined, base: URL): URL | undefined {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  const target = /<([^>]{1,4096})>\s*;[^,]*\brel="?next"?/i.exec(text)?.[1];
  return target !== undefined && URL.canParse(target, base.href) ? new URL(target, base) : undefined;
}

function unreadable(subject: string, problem: string): RuntimeError {
  return new RuntimeError("REGISTRY_ERROR", `the list of tags of ${subject} ${problem}`);
}
