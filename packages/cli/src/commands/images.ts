import type { Image } from "@voiyd/runtime-api";
import { parseImageFilters } from "../options/image-filter.js";
import { humanBytes } from "../output/bytes.js";
import { ago } from "../output/time.js";
import type { Command } from "./command.js";
import { FORMAT_OPTION, readFormat } from "./format.js";
import { renderListing, type Listing } from "./listing.js";
import { chooseImages } from "./image/choose.js";
import { familiarName } from "../output/familiar-name.js";

const HEADER = ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"];
const SHORT_ID = 12;

/** `voiyd images`. */
export const images: Command = {
  usage: "images [OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  options: {
    all: { kind: "flag", short: "a", help: "as without: there are no images in between" },
    digests: { kind: "flag", help: "show digests in full length too" },
    filter: {
      kind: "list",
      short: "f",
      value: "KEY=VALUE",
      help: "only those: reference=, dangling=, label=, before=, since=",
    },
    format: FORMAT_OPTION,
    "no-trunc": { kind: "flag", help: "cut nothing off" },
    quiet: { kind: "flag", short: "q", help: "only the ids" },
  },
  operands: [0, 1],
  async execute({ args, runtime, signal, surroundings }) {
    const format = readFormat(args);
    const full = args.flag("no-trunc");
    const now = surroundings.now();
    const filters = parseImageFilters(args.list("filter"), args.operands[0]);
    const digests = args.flag("digests");
    const connected = await runtime();
    const listed = await chooseImages(connected, await connected.listImages({ signal }), filters, signal);
    const sorted = [...listed].sort((a, b) => b.created.getTime() - a.created.getTime() || (a.name < b.name ? -1 : 1));

    // Several names may stand for the same image: its id is one line all the same.
    if (args.flag("quiet"))
      await surroundings.stdout.write([...new Set(sorted.map((image) => `${idOf(image, full)}\n`))].join(""));
    else await surroundings.stdout.write(renderListing(format, sorted, listing(now, full, digests)));
    return 0;
  },
};

/** Names of templates, and their titles. */
const TITLES = {
  Repository: "REPOSITORY",
  Tag: "TAG",
  ID: "IMAGE ID",
  Digest: "DIGEST",
  Name: "NAME",
  CreatedAt: "CREATED AT",
  CreatedSince: "CREATED",
  Size: "SIZE",
  Platform: "PLATFORM",
};

function listing(now: Date, full: boolean, digests: boolean): Listing<Image> {
  const cells = (image: Image): string[] => row(image, now, full);
  return {
    header: digests ? HEADER.toSpliced(2, 0, "DIGEST") : HEADER,
    cells: digests ? (image) => cells(image).toSpliced(2, 0, image.digest) : cells,
    json: (image) => record(image, now),
    // With ids as the table shows them.
    names: (image) => ({ Platform: "", ...record(image, now), ID: idOf(image, full) }),
    titles: TITLES,
  };
}

function row(image: Image, now: Date, full: boolean): string[] {
  const { repository, tag } = familiarName(image.name);
  return [repository, tag, idOf(image, full), ago(image.created, now), sizeOf(image)];
}

/** Docker's keys; the id in full length. */
function record(image: Image, now: Date): Record<string, string> {
  const { repository, tag } = familiarName(image.name);
  return {
    Repository: repository,
    Tag: tag,
    ID: image.digest,
    Digest: image.digest,
    Name: image.name,
    CreatedAt: image.created.toISOString(),
    CreatedSince: ago(image.created, now),
    Size: sizeOf(image),
    ...(image.platform === undefined ? {} : { Platform: image.platform }),
  };
}

function idOf({ digest }: Image, full: boolean): string {
  return full ? digest : digest.slice(digest.indexOf(":") + 1).slice(0, SHORT_ID);
}

function sizeOf({ size }: Image): string {
  return size === undefined ? "incomplete" : humanBytes(size);
}
