import { type Execute, execute } from "../process/execute.js";
import { parseSavedRules, type SavedRules } from "./saved-rules.js";

/** The netfilter rules of this network namespace as iptables sees them. A machine without IPv6 has none for it. */
export async function readRules(run: Execute = execute): Promise<SavedRules[]> {
  const [v4, v6] = await Promise.all([run("iptables-save", []), run("ip6tables-save", [], { accept: [1, 3] })]);
  return [parseSavedRules(v4.stdout, "v4"), parseSavedRules(v6.stdout, "v6")];
}
