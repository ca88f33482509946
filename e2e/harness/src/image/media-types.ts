export interface MediaTypes {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
  readonly layer: { readonly gzip: string; readonly none: string };
}

export const OCI_LAYOUT_INDEX = "application/vnd.oci.image.index.v1+json";

/** The names of the OCI image specification, and those of Docker's schema 2, for the same things. */
export const MEDIA_TYPES: Readonly<Record<"oci" | "docker", MediaTypes>> = {
  oci: {
    index: OCI_LAYOUT_INDEX,
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: { gzip: "application/vnd.oci.image.layer.v1.tar+gzip", none: "application/vnd.oci.image.layer.v1.tar" },
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: {
      gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      none: "application/vnd.docker.image.rootfs.diff.tar",
    },
  },
};
