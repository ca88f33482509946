import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { hostArchitecture } from "@voiyd/harness";
import type { MisbehavingRegistry } from "./misbehaving-registry.js";

export const OCI = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A tar header of one entry (POSIX ustar). */
function header(path: string, size: number, type: string, link = ""): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  block.write(path, 0);
  block.write(octal(type === "5" ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write(link, 157);
  block.write("ustar\u000000", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

export type TarFile =
  readonly [path: string, content: Uint8Array] | readonly [path: string, link: { readonly to: string }];

/** An archive with whatever names: nothing in them is checked. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap(([path, content]) => {
    if ("to" in content) return [header(path, 0, "2", content.to)];
    return [header(path, content.length, "0"), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export interface CaseLayer {
  /** As it is sent. */
  bytes: Buffer;
  mediaType: string;
  diffId: string;
  /** More members of its descriptor, or others. */
  extra: object;
}

export function gzipLayer(archive: Buffer): CaseLayer {
  return { bytes: gzipSync(archive), mediaType: `${OCI.layer}+gzip`, diffId: sha256(archive), extra: {} };
}

/** An image that nobody has had before, as the parts that a test may change before it is served. */
export class CaseImage {
  readonly layers: CaseLayer[] = [
    gzipLayer(tarOf([["random", randomBytes(200_000)]])),
    gzipLayer(tarOf([["name", randomBytes(20)]])),
  ];
  config: object = {};
  manifest: object = {};
  /** Wraps the manifest; `undefined` for the bare one. */
  index: ((manifest: object) => object) | undefined;

  get configBytes(): Buffer {
    const rootfs = { type: "layers", diff_ids: this.layers.map(({ diffId }) => diffId) };
    return Buffer.from(JSON.stringify({ os: "linux", architecture: hostArchitecture(), rootfs, ...this.config }));
  }

  get manifestBytes(): Buffer {
    const config = this.configBytes;
    const document = {
      schemaVersion: 2,
      mediaType: OCI.manifest,
      config: { mediaType: OCI.config, digest: sha256(config), size: config.length },
      layers: this.layers.map(({ bytes, mediaType, extra }) => ({
        mediaType,
        digest: sha256(bytes),
        size: bytes.length,
        ...extra,
      })),
      ...this.manifest,
    };
    return Buffer.from(JSON.stringify(document));
  }

  /** Puts everything on a registry; resolves with the digest of what the tag stands for. */
  serve(registry: MisbehavingRegistry, repository: string): string {
    for (const { bytes } of this.layers)
      registry.put(repository, undefined, "application/octet-stream", bytes, "layer");
    registry.put(repository, undefined, "application/octet-stream", this.configBytes, "config");
    const bytes = this.manifestBytes;
    if (this.index === undefined) return registry.put(repository, "latest", OCI.manifest, bytes, "manifest");
    const digest = registry.put(repository, undefined, OCI.manifest, bytes, "manifest");
    const entry = {
      mediaType: OCI.manifest,
      digest,
      size: bytes.length,
      platform: { os: "linux", architecture: hostArchitecture() },
    };
    return registry.put(repository, "latest", OCI.index, this.index(entry), "manifest");
  }
}
