import { UsageError } from "../command-line/usage-error.js";
import { alias } from "./alias.js";
import type { Command } from "./command.js";
import { containerCommands } from "./container/entries.js";
import { IMAGE_COMMANDS } from "./image/entries.js";
import { SYSTEM_COMMANDS } from "./system/entries.js";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Not shown in the overview: for voiyd itself. */
  readonly internal?: boolean;
  readonly load: () => Promise<Command>;
}

const listNetworks = async (): Promise<Command> => (await import("./network/ls.js")).ls;
const removeNetworks = async (): Promise<Command> => (await import("./network/rm.js")).rm;

/** Commands by their own names. */
const OWN: readonly CommandEntry[] = [
  { name: "run", summary: "Run a container", load: async () => (await import("./run.js")).run },
  {
    name: "create",
    summary: "Make a container without starting it",
    load: async () => (await import("./create.js")).create,
  },
  { name: "ps", summary: "List containers", load: async () => (await import("./ps.js")).ps },
  { name: "logs", summary: "Show what a container wrote", load: async () => (await import("./logs.js")).logs },
  {
    name: "inspect",
    summary: "Show everything about containers or images, as JSON",
    load: async () => (await import("./inspect.js")).inspect,
  },
  { name: "exec", summary: "Run a command in a running container", load: async () => (await import("./exec.js")).exec },
  {
    name: "attach",
    summary: "Take part in what a running container reads and writes",
    load: async () => (await import("./attach.js")).attach,
  },
  {
    name: "cp",
    summary: "Copy files between a container and this machine",
    load: async () => (await import("./cp/cp.js")).cp,
  },
  {
    name: "diff",
    summary: "Show what a container has changed in the files of its image",
    load: async () => (await import("./diff.js")).diff,
  },
  {
    name: "export",
    summary: "Write all files of a container to a tar archive",
    load: async () => (await import("./export.js")).exportCommand,
  },
  {
    name: "commit",
    summary: "Make an image of a container",
    load: async () => (await import("./commit.js")).commit,
  },
  {
    name: "port",
    summary: "Show the published ports of a container",
    load: async () => (await import("./port.js")).port,
  },
  {
    name: "stats",
    summary: "Show what running containers use",
    load: async () => (await import("./stats.js")).stats,
  },
  { name: "top", summary: "List the processes of a container", load: async () => (await import("./top.js")).top },
  {
    name: "events",
    summary: "Tell what happens to containers, as it happens",
    load: async () => (await import("./events.js")).events,
  },
  {
    name: "start",
    summary: "Start containers that were created, or that have ended",
    load: async () => (await import("./start.js")).start,
  },
  {
    name: "restart",
    summary: "Stop containers, and start them again",
    load: async () => (await import("./restart.js")).restart,
  },
  {
    name: "pause",
    summary: "Hold up all processes of containers",
    load: async () => (await import("./pause.js")).pause,
  },
  {
    name: "unpause",
    summary: "Let the processes of paused containers go on",
    load: async () => (await import("./unpause.js")).unpause,
  },
  {
    name: "wait",
    summary: "Wait until containers have ended, and print their exit codes",
    load: async () => (await import("./wait.js")).wait,
  },
  { name: "rename", summary: "Give a container another name", load: async () => (await import("./rename.js")).rename },
  {
    name: "update",
    summary: "Change the limits and labels of containers",
    load: async () => (await import("./update.js")).update,
  },
  { name: "stop", summary: "Stop containers", load: async () => (await import("./stop.js")).stop },
  {
    name: "kill",
    summary: "Kill containers, or send them a signal",
    load: async () => (await import("./kill.js")).kill,
  },
  { name: "rm", summary: "Remove containers", load: async () => (await import("./rm.js")).rm },
  {
    name: "container prune",
    summary: "Remove stopped containers",
    load: async () => (await import("./container/prune.js")).prune,
  },
  { name: "pull", summary: "Fetch images from a registry", load: async () => (await import("./pull.js")).pull },
  { name: "images", summary: "List images", load: async () => (await import("./images.js")).images },
  ...IMAGE_COMMANDS,
  {
    name: "cleanup",
    summary: "Tear down the network of containers and empty their logs",
    load: async () => (await import("./cleanup.js")).cleanup,
  },
  {
    name: "network create",
    summary: "Create a network",
    load: async () => (await import("./network/create.js")).create,
  },
  { name: "network ls", summary: "List networks", load: listNetworks },
  alias("network list", "List networks", listNetworks),
  {
    name: "network inspect",
    summary: "Show networks and who is on them, as JSON",
    load: async () => (await import("./network/inspect.js")).inspect,
  },
  {
    name: "network connect",
    summary: "Connect a running container to one more network",
    load: async () => (await import("./network/connect.js")).connect,
  },
  {
    name: "network disconnect",
    summary: "Take a running container off a network",
    load: async () => (await import("./network/disconnect.js")).disconnect,
  },
  { name: "network rm", summary: "Remove networks", load: removeNetworks },
  alias("network remove", "Remove networks", removeNetworks),
  {
    name: "network prune",
    summary: "Remove the networks that no container is on",
    load: async () => (await import("./network/prune.js")).prune,
  },
  ...SYSTEM_COMMANDS,
  {
    name: "version",
    summary: "Show the versions of voiyd and of what runs underneath",
    load: async () => (await import("./version.js")).version,
  },
  { name: "help", summary: "Explain voiyd or one of its commands", load: async () => (await import("./help.js")).help },
  {
    name: "system supervise",
    summary: "Restart containers by their policies and watch their health",
    load: async () => (await import("./system/supervise.js")).supervise,
  },
  {
    name: "__supervise",
    summary: "Look after containers while there is one that needs it",
    internal: true,
    load: async () => (await import("./supervise.js")).supervise,
  },
  {
    name: "__reap",
    summary: "Remove a container once it has ended",
    internal: true,
    load: async () => (await import("./reap.js")).reap,
  },
];

/** Every command. Only the one that is asked for is loaded. */
export const COMMANDS: readonly CommandEntry[] = [...OWN, ...containerCommands(OWN)];

/** The command that a line begins with, as `ps` or `network ls`, and what follows it. Throws {@link UsageError}. */
export function findCommand(words: readonly string[]): {
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
} {
  for (const length of [2, 1]) {
    const entry = COMMANDS.find(({ name }) => name === words.slice(0, length).join(" "));
    if (entry !== undefined) return { entry, rest: words.slice(entry.name.split(" ").length) };
  }
  const [first = "", second] = words;
  const group = COMMANDS.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
  if (group.length === 0) throw new UsageError(`unknown command: ${first}`, "voiyd help lists the commands");
  const problem = second === undefined ? `${first} needs a command` : `unknown command: ${first} ${second}`;
  throw new UsageError(problem, `${first} has the commands ${group.join(", ")}`);
}
