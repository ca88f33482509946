import type { ImageHistoryEntry } from "@voiyd/runtime-api";
import { humanBytes } from "../../output/bytes.js";
import { truncate } from "../../output/table.js";
import { ago } from "../../output/time.js";
import type { Command } from "../command.js";
import { FORMAT_OPTION, readFormat } from "../format.js";
import { renderListing, type Listing } from "../listing.js";
import { imageNamed } from "./names.js";

const LONGEST = 45;

/** `voiyd history`. */
export const history: Command = {
  usage: "history [OPTIONS] IMAGE",
  summary: "Show how an image was made",
  options: {
    format: FORMAT_OPTION,
    human: { kind: "flag", short: "H", help: "sizes and times as people say them, unless false; default true" },
    platform: { kind: "value", value: "PLATFORM", help: "of the image for this platform, as linux/arm64" },
    "no-trunc": { kind: "flag", help: "cut nothing off" },
    quiet: { kind: "flag", short: "q", help: "only the digests of layers" },
  },
  operands: [1, 1],
  async execute({ args, runtime, signal, surroundings: { stdout, now } }) {
    const format = readFormat(args);
    const full = args.flag("no-trunc");
    const platform = args.value("platform");
    const connected = await runtime();
    const steps = await connected.imageHistory(await imageNamed(connected, args.operands[0] ?? "", signal), {
      signal,
      ...(platform === undefined ? {} : { platform }),
    });
    const human = args.value("human") !== "false";
    const size = ({ size: bytes }: ImageHistoryEntry): string => (human ? humanBytes(bytes) : String(bytes));
    const created = (step: ImageHistoryEntry): string => {
      if (step.created === undefined) return "N/A";
      return human ? ago(step.created, now()) : step.created.toISOString();
    };
    if (args.flag("quiet")) await stdout.write(steps.map(({ layer }) => `${layerOf(layer, full)}\n`).join(""));
    else await stdout.write(renderListing(format, steps, listing(full, { size, created })));
    return 0;
  },
};

/** How sizes and times are written. */
interface Writing {
  readonly size: (step: ImageHistoryEntry) => string;
  readonly created: (step: ImageHistoryEntry) => string;
}

function listing(full: boolean, { size, created }: Writing): Listing<ImageHistoryEntry> {
  const createdBy = (step: ImageHistoryEntry): string => (full ? step.createdBy : truncate(step.createdBy, LONGEST));
  const record = (step: ImageHistoryEntry): Record<string, string> => ({
    Layer: step.layer ?? "<none>",
    CreatedAt: step.created?.toISOString() ?? "",
    CreatedSince: created(step),
    CreatedBy: step.createdBy,
    Size: size(step),
    Comment: step.comment ?? "",
  });
  return {
    header: ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"],
    cells: (step) => [layerOf(step.layer, full), created(step), createdBy(step), size(step), step.comment ?? ""],
    json: record,
    // Docker's id of a step is that of its image, which is as little there as with Docker.
    names: (step) => {
      const layer = layerOf(step.layer, full);
      return { ...record(step), ID: layer, Layer: layer, CreatedBy: createdBy(step) };
    },
    titles: {
      ID: "LAYER",
      Layer: "LAYER",
      CreatedAt: "CREATED AT",
      CreatedSince: "CREATED",
      CreatedBy: "CREATED BY",
      Size: "SIZE",
      Comment: "COMMENT",
    },
  };
}

function layerOf(layer: string | undefined, full: boolean): string {
  if (layer === undefined) return "<none>";
  return full ? layer : layer.slice(layer.indexOf(":") + 1).slice(0, 12);
}
