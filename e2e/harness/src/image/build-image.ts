import type {
  BuiltImage,
  BuiltLayer,
  BuiltManifest,
  Descriptor,
  ImageConfig,
  ImageSpec,
  LayerSpec,
  PlatformSpec,
} from "./image-spec.js";
import { compress, layerArchive } from "./layer.js";
import { finishLayout, sha256, startLayout, writeBlob } from "./layout-writer.js";
import { MEDIA_TYPES, type MediaTypes } from "./media-types.js";
import { formatPlatform, hostArchitecture } from "./platform.js";

const CREATED = "1970-01-01T00:00:00Z";

/** A set, as Go's JSON has it. */
const setOf = (names: readonly string[]): Record<string, object> => Object.fromEntries(names.map((name) => [name, {}]));

function runConfig(config: ImageConfig): Record<string, unknown> {
  return {
    Env: config.env ?? ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    Cmd: config.cmd,
    Entrypoint: config.entrypoint,
    User: config.user,
    WorkingDir: config.workdir,
    Labels: config.labels,
    StopSignal: config.stopSignal,
    Healthcheck: config.healthcheck,
    Volumes: config.volumes === undefined ? undefined : setOf(config.volumes),
    ExposedPorts: config.exposedPorts === undefined ? undefined : setOf(config.exposedPorts),
  };
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function writeLayers(spec: ImageSpec, layers: readonly LayerSpec[], types: MediaTypes): Promise<BuiltLayer[]> {
  const compression = spec.compression ?? "gzip";
  const built: BuiltLayer[] = [];
  for (const layer of layers) {
    const archive = layerArchive(layer);
    const diffId = sha256(archive);
    const below = built.at(-1)?.chainId;
    const descriptor = await writeBlob(
      spec.directory,
      types.layer[compression],
      compression === "gzip" ? compress(archive) : archive,
    );
    // The chain of one layer is its diff; of more, the digest of the chain below and the diff (OCI image spec, ChainID).
    built.push({ ...descriptor, diffId, chainId: below === undefined ? diffId : sha256(`${below} ${diffId}`) });
  }
  return built;
}

async function writePlatform(spec: ImageSpec, platform: PlatformSpec, types: MediaTypes): Promise<BuiltManifest> {
  const layers = await writeLayers(spec, platform.layers ?? spec.layers ?? [], types);
  const { os, architecture, variant } = platform;
  const config = await writeBlob(
    spec.directory,
    types.config,
    json({
      created: CREATED,
      architecture,
      variant,
      os,
      config: runConfig({ ...spec.config, ...platform.config }),
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created: CREATED })),
    }),
  );
  const manifest = await writeBlob(
    spec.directory,
    types.manifest,
    json({
      schemaVersion: 2,
      mediaType: types.manifest,
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
      annotations: spec.annotations,
    }),
  );
  return { platform: formatPlatform(platform), manifest, config, layers };
}

/**
 * Builds an image as an OCI layout, without Docker and without root: layers, a configuration and a manifest for each
 * platform, and an index over them. The same specification gives the same digests on every machine with the same zlib.
 */
export async function buildImage(spec: ImageSpec): Promise<BuiltImage> {
  const types = MEDIA_TYPES[spec.mediaTypes ?? "oci"];
  const platforms = spec.platforms ?? [{ os: "linux", architecture: hostArchitecture() }];
  await startLayout(spec.directory);
  const manifests: BuiltManifest[] = [];
  for (const platform of platforms) manifests.push(await writePlatform(spec, platform, types));
  const only = manifests.length === 1 ? manifests[0] : undefined;
  const target: Descriptor =
    spec.bareManifest === true && only !== undefined
      ? only.manifest
      : await writeBlob(
          spec.directory,
          types.index,
          json({
            schemaVersion: 2,
            mediaType: types.index,
            manifests: manifests.map(({ manifest }, index) => ({
              ...manifest,
              platform: withoutContents(platforms[index]),
            })),
            annotations: spec.annotations,
          }),
        );
  await finishLayout(spec.directory, target, spec.reference);
  return { directory: spec.directory, target, manifests };
}

function withoutContents(
  platform: PlatformSpec | undefined,
): Pick<PlatformSpec, "os" | "architecture" | "variant"> | undefined {
  if (platform === undefined) return undefined;
  const { os, architecture, variant } = platform;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
