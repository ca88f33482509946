/** The name under which the runtime's own AppArmor profile is loaded. */
export const APPARMOR_PROFILE = "voiyd-default";

/** Who may send signals into a container: without the OCI runtimes' own profiles, no container could be stopped. */
const SIGNAL_SENDERS: readonly string[] = ["unconfined", "runc", "crun"];

/** What tells about the host, or controls it. The OCI runtime writes its settings before the profile is put on. */
const DENIED: readonly string[] = [
  "@{PROC}/sys/** wklx",
  "@{PROC}/sysrq-trigger rwklx",
  "@{PROC}/kcore rwklx",
  "@{PROC}/mem rwklx",
  "@{PROC}/kmem rwklx",
  "/sys/** wklx",
  "/sys/firmware/** rwklx",
  "/sys/devices/virtual/powercap/** rwklx",
  "/sys/kernel/security/** rwklx",
];

/**
 * The profile as `apparmor_parser` reads it (`apparmor.d(5)`): files, network and capabilities are left to the other
 * walls, mounting is not, and processes of a container may only trace and signal one another.
 */
export function apparmorProfile(name: string = APPARMOR_PROFILE): string {
  return [
    "#include <tunables/global>",
    "",
    `profile ${name} flags=(attach_disconnected,mediate_deleted) {`,
    "  #include <abstractions/base>",
    "",
    "  network,",
    "  capability,",
    "  file,",
    "  umount,",
    "",
    ...SIGNAL_SENDERS.map((peer) => `  signal (receive) peer=${peer},`),
    `  signal (send,receive) peer=${name},`,
    `  ptrace (trace,read,tracedby,readby) peer=${name},`,
    "",
    "  deny mount,",
    ...DENIED.map((rule) => `  deny ${rule},`),
    "}",
    "",
  ].join("\n");
}
