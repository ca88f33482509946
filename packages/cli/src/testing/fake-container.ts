import {
  CONTAINER_VERSION,
  isId,
  type Container,
  type ContainerRequest,
  type ContainerStatus,
} from "@voiyd/runtime-api";

export const CREATED: Date = new Date("2026-03-01T12:00:00.000Z");

/** A container as a runtime would give it back; its id is made of one repeated digit. */
export function fakeContainer(
  request: ContainerRequest,
  status: Partial<ContainerStatus> = {},
  digit = "a",
): Container {
  const id = digit.repeat(64);
  if (!isId(id)) throw new TypeError("not an id");
  return {
    version: CONTAINER_VERSION,
    meta: { labels: {}, created: CREATED, updated: CREATED, revision: 1, ...request.meta },
    config: request.config,
    status: { phase: "running", id, startedAt: CREATED, ...status },
  };
}
