import type { Mount } from "@voiyd/runtime-api";
import { RuntimeError } from "@voiyd/runtime-api";

/** More than any image has a use for. */
const MAX_VOLUMES = 128;
/** What the container's own file systems stand on: no image may put a folder in their place. */
const RESERVED: readonly string[] = ["/proc", "/sys", "/dev"];

/**
 * The mounts of a request and those that the image asks for with `VOLUME`, where nothing else is mounted. An image's
 * path is a string about the container; it never becomes a path of the host (CVE-2022-23648). Throws `IMAGE_INVALID`.
 */
export function withImageVolumes(
  image: string,
  mounts: readonly Mount[],
  volumes: readonly string[],
  shared: readonly { readonly destination: string }[] = [],
): readonly Mount[] {
  if (volumes.length > MAX_VOLUMES)
    throw refuse(image, `${String(volumes.length)} volumes`, `at most ${String(MAX_VOLUMES)} are made`);
  const taken = new Set([...mounts, ...shared].map(({ destination }) => clean(destination)));
  const wanted = new Set(volumes.map((path) => checked(image, path)).filter((path) => !taken.has(path)));
  return [...mounts, ...Array.from(wanted, (destination) => ({ type: "volume" as const, destination }))];
}

function checked(image: string, path: string): string {
  const isPath = path.startsWith("/") && !path.includes("\0") && path.length <= 4096 && !path.split("/").includes("..");
  const cleaned = clean(path);
  if (!isPath || cleaned === "/")
    throw refuse(
      image,
      `the volume ${JSON.stringify(path.slice(0, 80))}`,
      "a volume is an absolute path below the root",
    );
  if (RESERVED.some((folder) => cleaned === folder || cleaned.startsWith(`${folder}/`))) {
    throw refuse(image, `the volume ${JSON.stringify(cleaned.slice(0, 80))}`, `none may be in ${RESERVED.join(", ")}`);
  }
  return cleaned;
}

function clean(path: string): string {
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

function refuse(image: string, what: string, rule: string): RuntimeError {
  return new RuntimeError("IMAGE_INVALID", `image ${image} asks for ${what}`, { hint: rule, details: { image } });
}
