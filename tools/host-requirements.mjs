// What the tests and the quickstart need on a machine, and whether it is there.
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What must be there, and the package it comes in. The harness has the same list, with reasons; a test compares them. */
export const REQUIREMENTS = [
  ["program", "containerd", "containerd"],
  ["program", "containerd-shim-runc-v2", "containerd"],
  ["program", "ctr", "containerd"],
  ["program", "runc", "runc"],
  ["plugin", "bridge", "containernetworking-plugins"],
  ["plugin", "host-local", "containernetworking-plugins"],
  ["plugin", "portmap", "containernetworking-plugins"],
  ["plugin", "firewall", "containernetworking-plugins"],
  ["plugin", "tuning", "containernetworking-plugins"],
  ["plugin", "loopback", "containernetworking-plugins"],
  ["program", "iptables", "iptables"],
  ["program", "ip6tables", "iptables"],
  ["program", "iptables-save", "iptables"],
  ["program", "iptables-restore", "iptables"],
  ["program", "nft", "nftables"],
  ["program", "ip", "iproute2"],
  ["program", "docker-registry", "docker-registry"],
  ["program", "mount", "mount"],
  ["program", "umount", "mount"],
  ["program", "setpriv", "util-linux"],
  ["program", "nsenter", "util-linux"],
  ["program", "unshare", "util-linux"],
  ["program", "tini-static", "tini"],
  ["static-busybox", "a static busybox", "busybox-static"],
].map(([kind, what, aptPackage]) => ({ kind, what, aptPackage }));

/** Other people's programs that images are exchanged with. Tests without them are skipped, and say so. */
export const EXTRAS = [
  ["program", "skopeo", "skopeo"],
  ["program", "openssl", "openssl"],
].map(([kind, what, aptPackage]) => ({ kind, what, aptPackage }));

const PROGRAM_FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
const PLUGIN_FOLDERS = [
  "/opt/cni/bin",
  "/usr/local/libexec/cni",
  "/usr/local/lib/cni",
  "/usr/libexec/cni",
  "/usr/lib/cni",
];
/** Where a busybox goes that cannot be installed as a package, because another busybox package is in its place. */
export const OWN_BUSYBOX = "/usr/local/lib/voiyd-harness/busybox";
const BUSYBOXES = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", OWN_BUSYBOX];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: either way not to be used
  }
}

/** Whether a program is an ELF file without a PT_INTERP segment, so that it runs without libraries (elf(5)). */
function isStaticElf(path) {
  if (!isExecutable(path)) return false;
  const program = readFileSync(path);
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46) return false;
  const is64 = program[4] === 2;
  const start = is64 ? Number(program.readBigUInt64LE(32)) : program.readUInt32LE(28);
  const size = program.readUInt16LE(is64 ? 54 : 42);
  const count = program.readUInt16LE(is64 ? 56 : 44);
  if (start + size * count > program.length) return false;
  return !Array.from({ length: count }, (_, index) => program.readUInt32LE(start + index * size)).includes(3);
}

/** Whether this machine has it. */
export function isThere({ kind, what }) {
  if (kind === "static-busybox") return BUSYBOXES.some(isStaticElf);
  return (kind === "plugin" ? PLUGIN_FOLDERS : PROGRAM_FOLDERS).some((folder) => isExecutable(join(folder, what)));
}

/** The requirements that this machine does not meet. Looks only. */
export function missingRequirements() {
  return REQUIREMENTS.filter((requirement) => !isThere(requirement));
}
