import { type Image, invalid } from "@voiyd/runtime-api";
import { parseBoolean } from "../command-line/boolean.js";
import { familiarName } from "../output/familiar-name.js";
import { type Filters, readFilters } from "./filters.js";
import { parseLabelFilter } from "./label-filter.js";

/** What `images --filter` wants. */
export interface ImageFilters {
  /** As far as the image's name can tell. */
  readonly fits: (image: Pick<Image, "name">) => boolean;
  /** What its labels have to be; absent where that does not matter. */
  readonly labels?: (labels: Readonly<Record<string, string>>) => boolean;
  /** Images to compare with. */
  readonly before: readonly string[];
  readonly since: readonly string[];
}

const KEYS = ["before", "dangling", "label", "reference", "since"];

/** The filters of `docker images`: of references any may fit, of labels all have to. Throws `INVALID_ARGUMENT`. */
export function parseImageFilters(texts: readonly string[], operand?: string): ImageFilters {
  const given = readFilters(texts, KEYS);
  const patterns = [...(given.get("reference") ?? []), ...(operand === undefined ? [] : [operand])].map(parsePattern);
  const dangling = readDangling(given);
  const labels = given.get("label")?.map(parseLabelFilter);
  return {
    fits: ({ name }) =>
      (patterns.length === 0 || patterns.some((pattern) => pattern(name))) &&
      (dangling === undefined || (familiarName(name).tag === "<none>") === dangling),
    ...(labels === undefined ? {} : { labels: (of) => labels.every((fits) => fits(of)) }),
    before: given.get("before") ?? [],
    since: given.get("since") ?? [],
  };
}

function readDangling(given: Filters): boolean | undefined {
  const text = given.get("dangling")?.at(-1);
  if (text === undefined) return undefined;
  const on = parseBoolean(text);
  if (on === undefined) throw invalid("--filter", `dangling=${text}`, "dangling=true or dangling=false");
  return on;
}

/** A repository, or one with a tag, in which `*` and `?` stand for anything but a slash. */
function parsePattern(text: string): (name: string) => boolean {
  const pattern = globPattern(text);
  return (name) => {
    const { repository, tag } = familiarName(name);
    const full = name.split("@", 1)[0] ?? name;
    const repositories = [repository, tag === "<none>" ? full : full.slice(0, -tag.length - 1)];
    return [...repositories, ...repositories.map((one) => `${one}:${tag}`), name].some((one) => pattern.test(one));
  };
}

/** The patterns of Go's `path.Match`. */
function globPattern(text: string): RegExp {
  const source = text.replaceAll(/\[\^?[^\]/]+\]|\\.|[^]/gu, (part) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length > 1 && part.startsWith("[")) return part;
    return part.replace(/^\\(?=.)/u, "").replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    throw invalid("--filter", `reference=${text}`, "the name of an image, in which * and ? may stand for others");
  }
}
