/** A file that must be there, what for, and the Debian package it comes in. */
export interface Requirement {
  readonly what: string;
  readonly why: string;
  readonly aptPackage: string;
  /** `program`: in PATH. `plugin`: in a CNI plugin folder. `static-busybox`: a busybox without libraries. */
  readonly kind: "program" | "plugin" | "static-busybox";
}

const program = (what: string, aptPackage: string, why: string): Requirement => ({
  what,
  why,
  aptPackage,
  kind: "program",
});
const plugin = (what: string, why: string): Requirement => ({
  what,
  why,
  aptPackage: "containernetworking-plugins",
  kind: "plugin",
});

/** What the private host, the registry, the images and the leak inventory need. `tools/host-requirements.mjs` has the same list. */
export const REQUIREMENTS: readonly Requirement[] = [
  program("containerd", "containerd", "runs the containers"),
  program("containerd-shim-runc-v2", "containerd", "holds each container"),
  program("ctr", "containerd", "is how the leak inventory asks containerd"),
  program("runc", "runc", "starts each container"),
  plugin("bridge", "connects containers to a network"),
  plugin("host-local", "gives containers addresses"),
  plugin("portmap", "publishes ports"),
  plugin("firewall", "lets container traffic through the firewall"),
  plugin("tuning", "sets up container interfaces"),
  plugin("loopback", "sets up the loopback of containers"),
  program("iptables", "iptables", "is what the CNI plugins set up rules with"),
  program("ip6tables", "iptables", "is what the firewall plugin sets up rules with"),
  program("iptables-save", "iptables", "is how the leak inventory reads rules"),
  program("iptables-restore", "iptables", "is how rules of a dead run are removed"),
  program("nft", "nftables", "is how the leak inventory reads rules"),
  program("ip", "iproute2", "is how network namespaces and links are made and listed"),
  program("docker-registry", "docker-registry", "serves images to the tests"),
  program("mount", "mount", "mounts the small disk of the full-disk tests"),
  program("umount", "mount", "cleans up after containers"),
  program("setpriv", "util-linux", "ends the private daemons with the process that started them"),
  program("nsenter", "util-linux", "looks into network namespaces"),
  program("unshare", "util-linux", "makes network namespaces"),
  program("tini-static", "tini", "is the first process of containers that ask for one"),
  {
    what: "a static busybox",
    why: "is what the test images are made of",
    aptPackage: "busybox-static",
    kind: "static-busybox",
  },
];
