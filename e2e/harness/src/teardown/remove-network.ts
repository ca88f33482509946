import { type HostNetwork, chainOwners, ruleOwner } from "../netfilter/own-rules.js";
import { readRules } from "../netfilter/read-rules.js";
import { type SavedTable } from "../netfilter/saved-rules.js";
import { type Execute, execute } from "../process/execute.js";
import { listLinks } from "../links/list-links.js";
import { removeLeanRules } from "./remove-lean-rules.js";

/** Input for `iptables-restore --noflush` that deletes what is the host's own in a table; empty when nothing is. */
export function removalScript(table: SavedTable, host: HostNetwork): string {
  const owners = chainOwners(table, host);
  const rules = table.rules.filter((rule) => ruleOwner(rule, owners, host) === "own");
  const chains = [...owners].filter(([, owner]) => owner === "own").map(([chain]) => chain);
  if (rules.length === 0 && chains.length === 0) return "";
  // iptables-restore reads back the quoting of iptables-save, so a saved rule is deleted by its own text.
  const lines = [
    ...rules.map((rule) => rule.text.replace(/^-A /u, "-D ")),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  return `*${table.name}\n${lines.join("\n")}\nCOMMIT\n`;
}

async function removeRules(host: HostNetwork, run: Execute): Promise<void> {
  for (const { family, tables } of await readRules(run)) {
    const script = tables.map((table) => removalScript(table, host)).join("");
    if (script === "") continue;
    await run(family === "v4" ? "iptables-restore" : "ip6tables-restore", ["--noflush", "--wait", "5"], {
      input: script,
    });
  }
}

async function removeLinks(host: HostNetwork, run: Execute): Promise<void> {
  const links = await listLinks(run);
  const ports = links.filter((link) => link.master === host.bridge).map((link) => link.name);
  const bridge = links.filter((link) => link.name === host.bridge).map((link) => link.name);
  for (const name of [...ports, ...bridge]) {
    // 1 is "cannot find device": the other end of a veth went away meanwhile.
    await run("ip", ["link", "delete", "dev", name], { accept: [1] });
  }
}

/** Removes what a private host has put into this network namespace: its rules, its bridge and what is plugged into it. */
export async function removeNetwork(host: HostNetwork, run: Execute = execute): Promise<void> {
  await removeRules(host, run);
  await removeLeanRules(host.bridge, run);
  await removeLinks(host, run);
}
