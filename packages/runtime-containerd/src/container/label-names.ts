/** Labels of ours on a container record. The first group is the Go runtime's, so that each sees the other's containers. */
export const LABEL = {
  name: "voiyd.io/name",
  legacyName: "voiyd/name",
  revision: "voiyd/revision",
  created: "voiyd/created",
  updated: "voiyd/updated",
  namespace: "voiyd/namespace",
  ports: "voiyd/ports",

  /** How far the container's set-up or removal has come: the write-ahead intent of whoever is at work on it. */
  phase: "voiyd.io/phase",
  /** The process that made the container, or is removing it, as `ProcessIdentity` writes it. */
  instance: "voiyd.io/instance",
  /** On containers that have a restart policy or a health check. */
  supervised: "voiyd.io/supervised",
  /** The container was ended by its owner, and not by itself. */
  stopped: "voiyd.io/stopped",
  /** On leases: the id of the container that is or will be made under the lease. */
  id: "voiyd.io/id",
} as const;

/** Set by the runtime for the garbage collector and other tools; not among the user's labels. */
export const EXTENSION = {
  container: "voiyd.io/container",
  exit: "voiyd.io/exit",
  network: "voiyd.io/network",
  restart: "voiyd.io/restart",
  health: "voiyd.io/health",
} as const;

/** Type URLs of the extensions' JSON. */
export const EXTENSION_TYPE = {
  container: "types.voiyd.io/container/v1",
  exit: "types.voiyd.io/exit/v1",
  network: "types.voiyd.io/network/v1",
  restart: "types.voiyd.io/restart/v1",
  health: "types.voiyd.io/health/v1",
} as const;
