import { alias } from "../alias.js";
import type { Command } from "../command.js";
import type { CommandEntry } from "../table.js";

const events = async (): Promise<Command> => (await import("../events.js")).events;
const info = async (): Promise<Command> => (await import("../info.js")).info;

/** The commands about voiyd and its host as a whole. */
export const SYSTEM_COMMANDS: readonly CommandEntry[] = [
  { name: "info", summary: "Show what there is, and on what machine", load: info },
  alias("system info", "Show what there is, and on what machine", info),
  alias("system events", "Tell what happens to containers, as it happens", events),
  {
    name: "system df",
    summary: "Show what takes the room on the disk",
    load: async () => (await import("./df.js")).df,
  },
  {
    name: "system doctor",
    summary: "Say how voiyd and its host are, and what to do about it",
    load: async () => (await import("./doctor.js")).doctor,
  },
  {
    name: "system prune",
    summary: "Remove stopped containers, and what no container uses",
    load: async () => (await import("./prune.js")).prune,
  },
  {
    name: "system recover",
    summary: "Put in order what dead processes have left",
    load: async () => (await import("./recover.js")).recover,
  },
];
