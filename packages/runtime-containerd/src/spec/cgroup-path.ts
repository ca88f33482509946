import { invalid } from "@voiyd/runtime-api";

/** Who makes control groups: the OCI runtime with `mkdir`, or systemd when it is asked to. */
export type CgroupDriver = "cgroupfs" | "systemd";

export interface CgroupPlace {
  readonly driver: CgroupDriver;
  /** The containerd namespace. */
  readonly namespace: string;
  readonly id: string;
  /** `ContainerConfig.cgroupParent`. */
  readonly parent?: string | undefined;
}

const SLICE = ".slice";
const DEFAULT_SLICE = "system.slice";
/** What systemd names our groups by. */
const PREFIX = "voiyd";

/**
 * `linux.cgroupsPath`. For systemd it has three parts: the slice, a prefix and a name (`config-linux.md`, "Cgroups
 * Path", and runc's `systemd` documentation). Throws `INVALID_ARGUMENT` for a parent that the driver cannot use.
 */
export function cgroupsPath({ driver, namespace, id, parent }: CgroupPlace): string {
  if (driver === "cgroupfs") return `/${parts(parent ?? namespace).join("/")}/${id}`;
  return `${slice(parent)}:${PREFIX}:${namespace}-${id}`;
}

/** The folder of a container's control group, below the root of every hierarchy. */
export function cgroupFolder(place: CgroupPlace): string {
  if (place.driver === "cgroupfs") return [...parts(place.parent ?? place.namespace), place.id].join("/");
  return `${expandSlice(slice(place.parent))}/${PREFIX}-${place.namespace}-${place.id}.scope`;
}

function parts(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function slice(parent: string | undefined): string {
  if (parent === undefined) return DEFAULT_SLICE;
  if (!parent.endsWith(SLICE) || parent.includes("/") || parent.startsWith("-")) {
    throw invalid("cgroupParent", parent, "a slice such as my.slice: control groups are systemd's on this runtime");
  }
  return parent;
}

/** `systemd.slice(5)`: `a-b.slice` stands in `a.slice`. */
function expandSlice(name: string): string {
  if (name === `-${SLICE}`) return "";
  const words = name.slice(0, -SLICE.length).split("-");
  return words.map((_, index) => `${words.slice(0, index + 1).join("-")}${SLICE}`).join("/");
}
