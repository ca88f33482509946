import type { ContainerConfig } from "@voiyd/runtime-api";

/** The image's working directory is a string of the image: only an absolute path is one. */
export function workingDirectory(config: ContainerConfig, image: string | undefined): string {
  if (config.workingDir !== undefined) return config.workingDir;
  if (image === undefined || image === "" || image.includes("\0")) return "/";
  return image.startsWith("/") ? image : `/${image}`;
}
