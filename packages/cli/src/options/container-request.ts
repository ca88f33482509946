import { assertContainerRequest, type ContainerRequest } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import { readNetworks } from "./network.js";
import { RUN_OPTIONS } from "./run-options.js";
import { RequestDraft } from "./run/request-draft.js";
import type { Sources } from "./run/run-flag.js";

/** A `run` command line, read. */
export interface ReadRequest {
  readonly request: ContainerRequest;
  /** Folders of the host that are made where they are missing, as Docker does for `-v`. */
  readonly foldersToMake: readonly string[];
}

/** The request that a `run` command line stands for, checked as far as it can be without a host. Throws `INVALID_ARGUMENT`. */
export async function readContainerRequest(args: Arguments, name: string, sources: Sources): Promise<ReadRequest> {
  const [image = "", ...command] = args.operands;
  const draft = new RequestDraft();
  // Docker's default: `su` and `ping` work in an image as their users expect. The library's is the opposite.
  draft.config.noNewPrivileges = false;
  if (command.length > 0) draft.config.args = command;
  for (const [flag, { apply }] of Object.entries(RUN_OPTIONS)) {
    // Those that say nothing of the container itself are not all of `create`'s, which is read here too.
    if (apply === undefined) continue;
    const given = args.list(flag);
    if (given.length > 0) await apply(draft, given, sources);
  }
  const request: ContainerRequest = {
    meta: { name, labels: draft.labels },
    config: { image, ...draft.config, ...readNetworks(args) },
  };
  assertContainerRequest(request);
  return { request, foldersToMake: draft.foldersToMake };
}
