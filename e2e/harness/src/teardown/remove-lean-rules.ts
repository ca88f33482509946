import { readRules } from "../netfilter/read-rules.js";
import type { Execute } from "../process/execute.js";

/** Removes what a default network in lean mode has set up once for its bridge: its nft table, and its chain of iptables. */
export async function removeLeanRules(bridge: string, run: Execute): Promise<void> {
  // 1 is "no such table".
  await run("nft", ["delete", "table", "inet", `voiyd-${bridge}`], { accept: [1] });
  const chain = `VOIYD-FWD-${bridge}`;
  for (const { family, tables } of await readRules(run)) {
    const filter = tables.find(({ name, chains }) => name === "filter" && chains.includes(chain));
    if (filter === undefined) continue;
    const jumps = filter.rules.filter(({ target }) => target === chain).map(({ text }) => text.replace(/^-A /u, "-D "));
    const input = `*filter\n${[...jumps, `-F ${chain}`, `-X ${chain}`].join("\n")}\nCOMMIT\n`;
    await run(family === "v4" ? "iptables-restore" : "ip6tables-restore", ["--noflush", "--wait", "5"], { input });
  }
}
