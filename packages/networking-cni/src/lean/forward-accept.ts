import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import type { ProcessOutcome, RunProcess } from "../plugin/run-process.js";
import type { LeanNetwork } from "./lean-network.js";

/**
 * Lets what the bridge's containers send, and what is answered or published, pass iptables too, whose FORWARD chain may
 * drop what no rule of it accepts: no nft table can overrule that. One chain a bridge, whatever containers there are.
 * Resolves with why it could not be done; with an empty text when it was, and where there is no iptables.
 */
export async function acceptForwarding(
  run: RunProcess,
  { bridge, subnets }: Pick<LeanNetwork, "bridge" | "subnets">,
  signal: AbortSignal,
): Promise<string> {
  const six = subnets.some((subnet) => subnet.includes(":"));
  for (const family of six ? ["iptables", "ip6tables"] : ["iptables"]) {
    const saved = await start(run, `${family}-save`, ["-t", "filter"], "", signal);
    if (saved === undefined) continue;
    const outcome = await start(
      run,
      `${family}-restore`,
      ["-w", "--noflush"],
      restoreText(bridge, saved.stdout),
      signal,
    );
    if (outcome !== undefined && outcome.exitCode !== 0) return `${family}-restore: ${outcome.stderr.trim()}`;
  }
  return "";
}

/** For `iptables-restore --noflush`: naming a chain there makes it, or empties it. */
export function restoreText(bridge: string, saved: string): string {
  const chain = `VOIYD-FWD-${bridge}`;
  const jump = `-A FORWARD -j ${chain}`;
  const lines = [
    "*filter",
    `:${chain} - [0:0]`,
    `-A ${chain} -i ${bridge} -j ACCEPT`,
    `-A ${chain} -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`,
    ...(saved.split("\n").includes(jump) ? [] : [`-I FORWARD -j ${chain}`]),
    "COMMIT",
  ];
  return `${lines.join("\n")}\n`;
}

/** `undefined` where the program is not installed: then nothing drops in its name. */
async function start(
  run: RunProcess,
  file: string,
  args: readonly string[],
  stdin: string,
  signal: AbortSignal,
): Promise<ProcessOutcome | undefined> {
  try {
    return await run({ file, args, env: baseEnvironment(), stdin, signal, graceMs: 1000 });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
