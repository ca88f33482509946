import { alias, type AliasEntry } from "../alias.js";
import type { Command } from "../command.js";

/** As far as a table of commands needs to be known here. */
interface Named {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Commands about containers that Docker has under `container`, too. */
const SHARED: readonly string[] = [
  "attach",
  "commit",
  "cp",
  "create",
  "diff",
  "exec",
  "export",
  "kill",
  "logs",
  "pause",
  "port",
  "rename",
  "restart",
  "rm",
  "run",
  "start",
  "stats",
  "stop",
  "top",
  "unpause",
  "update",
  "wait",
];

const inspectContainer = async (): Promise<Command> => (await import("../inspect.js")).inspectContainer;

/** `container run` for `run`, and so on; `container ls` for `ps`. */
export function containerCommands(commands: readonly Named[]): readonly AliasEntry[] {
  const under = (name: string, of: string): readonly AliasEntry[] =>
    commands.filter((entry) => entry.name === of).map(({ summary, load }) => alias(`container ${name}`, summary, load));
  return [
    ...["ls", "list", "ps"].flatMap((name) => under(name, "ps")),
    ...SHARED.flatMap((name) => under(name, name)),
    ...under("remove", "rm"),
    alias("container inspect", "Show everything about containers, as JSON", inspectContainer),
  ];
}
