/** The containerd namespace that is used when none is named. */
export const DEFAULT_NAMESPACE = "voiyd";

/** The longest container id, in characters. A generated id has exactly this length. */
export const ID_MAX_LEN = 64;

/** The version that this release writes into {@link Container.version}. */
export const CONTAINER_VERSION = "container/v1";

/** The network a container joins when its configuration names none. */
export const DEFAULT_NETWORK = "default";
