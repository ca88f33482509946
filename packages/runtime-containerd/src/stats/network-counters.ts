/** Bytes over all interfaces but loopback, from a `net/dev` of `/proc` (`proc_pid_net(5)`). */
export function parseNetworkCounters(text: string): { readonly receivedBytes: number; readonly sentBytes: number } {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of text.split("\n")) {
    const [, name, counters] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || counters === undefined || name === "lo") continue;
    const fields = counters.trim().split(/\s+/);
    // Eight of what was received come before those of what was sent.
    receivedBytes += Number(fields[0] ?? 0);
    sentBytes += Number(fields[8] ?? 0);
  }
  return { receivedBytes, sentBytes };
}
