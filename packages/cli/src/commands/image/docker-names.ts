import type { ImageDetails } from "@voiyd/runtime-api";
import { familiarName } from "../../output/familiar-name.js";
import type { Fields } from "../../template/value.js";

/** An image by the names that `docker inspect` has for what is in it, so that templates for Docker go on working. */
export function dockerNames(image: ImageDetails): Fields {
  const { digest, names, platform = "", config, layers } = image;
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  const familiar = names.map(familiarName);
  return {
    Id: digest,
    RepoTags: familiar.flatMap(({ repository, tag }) => (tag === "<none>" ? [] : [`${repository}:${tag}`])),
    RepoDigests: [...new Set(familiar.map(({ repository }) => `${repository}@${digest}`))],
    Created: (image.builtAt ?? image.created).toISOString(),
    Author: image.author ?? "",
    Os: os,
    Architecture: architecture,
    Variant: variant,
    Size: image.size ?? image.diskSize,
    Config: {
      User: config.user ?? "",
      Env: config.env,
      Entrypoint: config.entrypoint ?? null,
      Cmd: config.cmd ?? null,
      WorkingDir: config.workingDir ?? "",
      ExposedPorts: asKeys(config.exposedPorts),
      Volumes: asKeys(config.volumes),
      Labels: config.labels,
      StopSignal: config.stopSignal ?? "",
    },
    RootFS: { Type: "layers", Layers: layers.map(({ diffId }) => diffId) },
  };
}

/** A set, in the way of Go. */
function asKeys(names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
