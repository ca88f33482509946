import type { CommandEntry } from "../table.js";

/** The commands about voiyd and its host as a whole. */
export const SYSTEM_COMMANDS: readonly CommandEntry[] = [
  {
    name: "system doctor",
    summary: "Say how voiyd and its host are, and what to do about it",
    load: async () => (await import("./doctor.js")).doctor,
  },
  {
    name: "system recover",
    summary: "Put in order what dead processes have left",
    load: async () => (await import("./recover.js")).recover,
  },
];
