import type { Command } from "./command.js";

/** A name that leads to a command, and loads it when it is asked for. */
export interface AliasEntry {
  readonly name: string;
  readonly summary: string;
  /** Not shown in the overview: it is there under its other name. */
  readonly internal: true;
  readonly load: () => Promise<Command>;
}

/** Docker's words that stand for another command of ours: `image ls` is `images`. */
export function alias(name: string, summary: string, load: () => Promise<Command>): AliasEntry {
  return {
    name,
    summary,
    internal: true,
    load: async () => {
      const command = await load();
      const [own = ""] = /^[a-z]+(?: [a-z]+)*/.exec(command.usage) ?? [];
      return {
        ...command,
        summary,
        usage: command.usage.replaceAll(new RegExp(`(^| or )${own}(?= )`, "g"), `$1${name}`),
      };
    },
  };
}
