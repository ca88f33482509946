import type { HostPaths } from "./host-paths.js";

/** What a container runtime's client does not need, or what would look around on the machine. */
const DISABLED_PLUGINS = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.internal.v1.tracing",
];

/** TOML's basic strings and JSON's escape alike, as far as paths go. */
const quote = (text: string): string => JSON.stringify(text);

/** The daemon's configuration: everything below the host's folder, no CRI, no TCP. */
export function containerdConfig(paths: HostPaths): string {
  return [
    "version = 2",
    `root = ${quote(paths.root)}`,
    `state = ${quote(paths.state)}`,
    "oom_score = 0",
    `disabled_plugins = [${DISABLED_PLUGINS.map(quote).join(", ")}]`,
    "",
    "[grpc]",
    `address = ${quote(paths.address)}`,
    'tcp_address = ""',
    "",
    "[debug]",
    'address = ""',
    'level = "debug"',
    "",
    "[metrics]",
    'address = ""',
    "",
  ].join("\n");
}
