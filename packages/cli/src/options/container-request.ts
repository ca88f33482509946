import {
  assertContainerRequest,
  RuntimeError,
  type ContainerConfig,
  type ContainerRequest,
  type Resources,
} from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import { messageOf } from "../output/failure.js";
import type { Surroundings } from "../process/surroundings.js";
import { parseDuration } from "./duration.js";
import { parseEnvironment } from "./env.js";
import { parseLabels } from "./label.js";
import { readNetworks } from "./network.js";
import { parseDecimal, parseInteger } from "./number.js";
import { parsePublish } from "./publish.js";
import { parseNoNewPrivileges } from "./security.js";
import { parseSize } from "./size.js";
import { parseTmpfs } from "./tmpfs.js";
import { parseVolume } from "./volume.js";

type Sources = Pick<Surroundings, "env" | "cwd" | "readFile">;

/** The request that a `run` command line stands for, checked as far as it can be without a host. Throws `INVALID_ARGUMENT`. */
export async function readContainerRequest(args: Arguments, name: string, sources: Sources): Promise<ContainerRequest> {
  const [image = "", ...command] = args.operands;
  const envFiles = await Promise.all(
    args.list("env-file").map(async (path) => ({ path, text: await readEnvFile(path, sources) })),
  );
  const mounts = [
    ...args.list("volume").map((text) => parseVolume(text, sources.cwd)),
    ...args.list("tmpfs").map((text) => parseTmpfs(text)),
  ];
  const request: ContainerRequest = {
    meta: { name, labels: parseLabels(args.list("label")) },
    config: {
      image,
      ...some("args", command),
      ...some("envvars", parseEnvironment(args.list("env"), envFiles, sources.env)),
      ...some("mounts", mounts),
      ...some("portMappings", args.list("publish").flatMap(parsePublish)),
      ...given(args),
      ...capabilities(args),
      ...resources(args),
      ...(args.flag("privileged") ? { privileged: true } : {}),
      ...(args.flag("read-only") ? { readOnlyRootfs: true } : {}),
      noNewPrivileges: parseNoNewPrivileges(args.list("security-opt")),
    },
  };
  assertContainerRequest(request);
  return request;
}

async function readEnvFile(path: string, { readFile }: Sources): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new RuntimeError("INVALID_ARGUMENT", `--env-file: ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
      details: { option: "--env-file" },
    });
  }
}

/** Options of one value, where they are given. */
function given(args: Arguments): Partial<ContainerConfig> {
  const entrypoint = args.value("entrypoint");
  const user = args.value("user");
  const workingDir = args.value("workdir");
  const hostname = args.value("hostname");
  const stopSignal = args.value("stop-signal");
  const stopTimeout = args.value("stop-timeout");
  return {
    ...(entrypoint === undefined ? {} : { entrypoint: entrypoint === "" ? [] : [entrypoint] }),
    ...(user === undefined ? {} : { user }),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(hostname === undefined ? {} : { hostname }),
    ...readNetworks(args),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(stopTimeout === undefined ? {} : { stopTimeoutMs: parseDuration("--stop-timeout", stopTimeout) }),
  };
}

function capabilities(args: Arguments): Pick<ContainerConfig, "capabilities"> {
  const add = some("add", args.list("cap-add"));
  const drop = some("drop", args.list("cap-drop"));
  return Object.keys({ ...add, ...drop }).length === 0 ? {} : { capabilities: { ...add, ...drop } };
}

function resources(args: Arguments): Pick<ContainerConfig, "resources"> {
  const memory = args.value("memory");
  const cpus = args.value("cpus");
  const pids = args.value("pids-limit");
  const limits: Resources = {
    ...(memory === undefined ? {} : { memory: parseSize("--memory", memory) }),
    ...(cpus === undefined ? {} : { cpus: parseDecimal("--cpus", cpus) }),
    // Docker takes 0 for "no limit" too.
    ...(pids === undefined ? {} : { pids: parseInteger("--pids-limit", pids) || -1 }),
  };
  return Object.keys(limits).length === 0 ? {} : { resources: limits };
}

/** A list under its key; nothing when it is empty. */
function some<K extends string, V>(key: K, list: readonly V[]): { readonly [P in K]?: readonly V[] } {
  const object: { [P in K]?: readonly V[] } = {};
  if (list.length > 0) object[key] = list;
  return object;
}
