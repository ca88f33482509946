import type { CniNetworkManager } from "@voiyd/networking-cni";
import type {
  Attach,
  Audit,
  Commit,
  Copy,
  Diff,
  DiskUsage,
  Edit,
  Events,
  Exec,
  Export,
  ImageArchives,
  ImageInspection,
  ImagePruning,
  ImagePush,
  Images,
  ImageTags,
  ImageVerification,
  Lifecycle,
  Pause,
  Recover,
  Runtime,
  Stats,
  Supervise,
  Top,
  VolumePruning,
  Wait,
} from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import type { OptionTable } from "../command-line/option-table.js";
import type { Interruption } from "../process/interruption.js";
import type { Surroundings } from "../process/surroundings.js";
import type { Settings } from "../settings.js";

/** What the commands need a runtime to be able to do. */
export type CommandRuntime = Runtime &
  Wait &
  Images &
  ImageManagement &
  ContainerLife &
  Recover &
  Audit &
  DiskUsage &
  VolumePruning;

/** Everything that happens to containers after `run`. */
export type ContainerLife = Attach &
  Commit &
  Copy &
  Diff &
  Edit &
  Events &
  Exec &
  Export &
  Lifecycle &
  Pause &
  Stats &
  Supervise &
  Top;

/** Everything about images beyond pulling and listing them. */
export type ImageManagement = ImageArchives &
  ImageInspection &
  ImagePruning &
  ImagePush &
  ImageTags &
  ImageVerification;

/** What the commands about networks need. Containers are known to it as `<namespace>-<id>`. */
export type CommandNetwork = Pick<
  CniNetworkManager,
  "connect" | "createNetwork" | "disconnect" | "inspectNetwork" | "list" | "networks" | "removeNetwork" | "status"
>;

/** What a command is given. */
export interface Context {
  readonly args: Arguments;
  readonly settings: Settings;
  readonly surroundings: Surroundings;
  readonly interruption: Interruption;
  /** Aborted by the first SIGINT or SIGTERM, unless the command takes signals itself. */
  readonly signal: AbortSignal;
  /** Connects at the first call. Argument errors come before it, so that they cost no connection. */
  readonly runtime: () => Promise<CommandRuntime>;
  /** Needs no connection. */
  readonly network: () => Promise<CommandNetwork>;
}

/** One command of the command line. */
export interface Command {
  /** After `usage: voiyd `. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** The least and the greatest number of operands. */
  readonly operands: readonly [least: number, most: number];
  /** False: the first operand ends the options. Default true. */
  readonly interspersed?: boolean;
  /** The exit code of the command's own errors. Default 1. */
  readonly errorCode?: number;
  /** Resolves with the exit code. */
  execute(context: Context): Promise<number>;
}
