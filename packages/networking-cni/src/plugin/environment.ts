/** Where iptables and its like live; not in the PATH of every service, and plugins look for them there. */
const SYSTEM_DIRS: readonly string[] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** What a plugin may need of our environment beside PATH: trace context, and the means to reach a daemon. */
const PASSED_ON: readonly string[] = ["TRACEPARENT", "TRACESTATE", "BAGGAGE", "DBUS_SYSTEM_BUS_ADDRESS"];

/** The environment that every program starts with: PATH with the system's folders at its end, and little more. */
export function baseEnvironment(own: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  const path = (own["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  const passed = PASSED_ON.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), PATH: [...new Set([...path, ...SYSTEM_DIRS])].join(":"), LC_ALL: "C" };
}
