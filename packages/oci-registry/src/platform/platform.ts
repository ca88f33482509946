/** What an image is built for (OCI image index, `platform`; the names are Go's `GOOS` and `GOARCH`). */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  /** `v7` for arm, `v3` for amd64. */
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === undefined ? base : `${base}/${platform.variant}`;
}
