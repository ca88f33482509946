import { invalidArchive } from "./read-archive.js";

/** An image as Docker's `manifest.json` lists it; config and layers by their paths in the archive. */
export interface DockerImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  readonly layers: readonly string[];
}

const MOST_IMAGES = 1_000;
const MOST_LAYERS = 1_000;

/** Throws `IMAGE_INVALID`. */
export function parseDockerManifest(bytes: Uint8Array): readonly DockerImage[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalidArchive("has a manifest.json that is no JSON");
  }
  if (!Array.isArray(value) || value.length > MOST_IMAGES)
    throw invalidArchive("has a manifest.json that is no list of images");
  return value.map((item: unknown) => {
    const config = own(item, "Config");
    const layers = strings(own(item, "Layers"));
    const repoTags = strings(own(item, "RepoTags") ?? []);
    if (typeof config !== "string" || layers === undefined || repoTags === undefined || layers.length > MOST_LAYERS)
      throw invalidArchive("has a manifest.json with an entry that is no image");
    return { config, layers, repoTags };
  });
}

function own(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item): item is string => typeof item === "string") ? value : undefined;
}
