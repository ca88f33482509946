const MIB = 1024 * 1024;

/** In bytes; for a manifest and for an index. Containerd's own limit is a little above. */
export const MAX_MANIFEST_BYTES: number = 4 * MIB;
/** In bytes. */
export const MAX_CONFIG_BYTES: number = 8 * MIB;
/** Of one manifest or index. */
export const MAX_DESCRIPTORS = 1000;
