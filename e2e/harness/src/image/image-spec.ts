/** What an image is to be made of. Everything a hostile image may contain can be said. */
export interface ImageSpec {
  /** The OCI layout's folder; made when absent. */
  readonly directory: string;
  /** From the lowest up, for every platform that has no layers of its own. */
  readonly layers?: readonly LayerSpec[];
  readonly config?: ImageConfig;
  /** Default: this machine's. */
  readonly platforms?: readonly PlatformSpec[];
  /** Default `oci`. */
  readonly mediaTypes?: "oci" | "docker";
  /** Default `gzip`. */
  readonly compression?: "gzip" | "none";
  /** With one platform: name the manifest itself rather than an index of it. Default false. */
  readonly bareManifest?: boolean;
  /** Written into the layout as the image's name. */
  readonly reference?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PlatformSpec {
  readonly os: string;
  /** In Go's words: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly variant?: string;
  readonly layers?: readonly LayerSpec[];
  readonly config?: ImageConfig;
}

export interface LayerSpec {
  /**
   * Paths without a leading slash and what is there; a string or bytes for an ordinary file. In pairs where the order
   * matters or a path comes twice. Parent folders are not made up.
   */
  readonly files: Readonly<Record<string, FileSpec>> | readonly (readonly [path: string, file: FileSpec])[];
}

export type FileSpec = string | Uint8Array | FileFacts;

export type FileFacts = Attributes &
  (
    | { readonly content: string | Uint8Array }
    | { readonly directory: true }
    | { readonly symlink: string }
    | { readonly hardlink: string }
    | { readonly fifo: true }
    | { readonly device: "character" | "block"; readonly major: number; readonly minor: number }
    /** Hides the path of lower layers. */
    | { readonly whiteout: true }
    /** Hides everything that lower layers have in this folder. */
    | { readonly opaque: true }
  );

interface Attributes {
  /** Permission bits with setuid, setgid and sticky. Default 0755 for folders, 0777 for symlinks, 0644 otherwise. */
  readonly mode?: number;
  /** Default 0. */
  readonly uid?: number;
  /** Default 0. */
  readonly gid?: number;
  /** Seconds since 1970. Default 0. */
  readonly mtime?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** The fields of an OCI image configuration that decide how a container runs. */
export interface ImageConfig {
  readonly env?: readonly string[];
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  /** As Docker's extension of the configuration has it; times in nanoseconds. */
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly exposedPorts?: readonly string[];
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface BuiltImage {
  /** The OCI layout's folder. */
  readonly directory: string;
  /** Of what the image's name stands for: an index, or a bare manifest. */
  readonly target: Descriptor;
  readonly manifests: readonly BuiltManifest[];
}

export interface BuiltManifest {
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform: string;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly BuiltLayer[];
}

export interface BuiltLayer extends Descriptor {
  /** The digest of the layer as it is without compression. */
  readonly diffId: string;
  /** Names the snapshot of this layer over those below it. */
  readonly chainId: string;
}
