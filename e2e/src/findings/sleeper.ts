import type { ContainerRequest } from "@voiyd/runtime-api";
import type { Stage } from "../fixture/stage.js";

/** A container that does nothing, for long enough. */
export function sleeper(stage: Stage, name: string): ContainerRequest {
  return { meta: { name }, config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" } };
}
