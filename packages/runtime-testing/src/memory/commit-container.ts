import { type CommitOptions, type ContainerConfig, type Image, invalid, RuntimeError } from "@voiyd/runtime-api";
import { applyChanges } from "./apply-changes.js";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";
import type { MemoryImage } from "./options.js";
import { normalizeReference } from "./reference.js";

/** `Commit.commit`: how it was run, and the files that were copied into it. There are no processes to be held up. */
export function commitContainer(
  host: MemoryHost,
  container: MemoryContainer,
  reference: string,
  { changes = [] }: CommitOptions,
): Image {
  const name = normalizeReference(reference);
  if (name.includes("@")) throw invalid("reference", reference, "a name with a tag, and without a digest");
  const { image, snapshot } = container;
  if (image === undefined) {
    throw new RuntimeError("FAILED_PRECONDITION", `container ${container.name} is only being made`, {
      details: { container: container.id },
    });
  }
  const content = applyChanges(asRun(image, snapshot.config), changes);
  return host.images.add(name, content, container.files.tree, host.clock.now());
}

/** How a container was run: its own word, and the image's where it has none. */
function asRun(image: MemoryImage, config: ContainerConfig): MemoryImage {
  const entrypoint = config.entrypoint ?? image.entrypoint;
  const given = config.args !== undefined && config.args.length > 0 ? config.args : undefined;
  const args = given ?? (config.entrypoint === undefined ? image.args : undefined);
  const [workingDir, user, stopSignal] = (["workingDir", "user", "stopSignal"] as const).map(
    (key) => config[key] ?? image[key],
  );
  return {
    envvars: [...(image.envvars ?? []), ...(config.envvars ?? [])],
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(args === undefined ? {} : { args }),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(user === undefined ? {} : { user }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(image.users === undefined ? {} : { users: image.users }),
    ...(image.size === undefined ? {} : { size: image.size }),
  };
}
