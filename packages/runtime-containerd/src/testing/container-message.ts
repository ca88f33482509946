import { type Container as Message, packJson } from "@voiyd/containerd-client";
import { EXTENSION, EXTENSION_TYPE, LABEL } from "../container/label-names.js";
import { storedFromRequest } from "../container/stored-container.js";

/** A container record as containerd gives it. */
export function containerMessage(id: string, name: string, more: Partial<Message> = {}): Message {
  const stored = storedFromRequest({ meta: { name }, config: { image: "app" } }, new Date(0));
  return {
    $typeName: "containerd.services.containers.v1.Container",
    id,
    labels: { [LABEL.name]: name, [LABEL.phase]: "running" },
    image: "docker.io/library/app:latest",
    snapshotter: "overlayfs",
    snapshotKey: id,
    sandbox: "",
    extensions: { [EXTENSION.container]: packJson(EXTENSION_TYPE.container, stored) },
    ...more,
  };
}
