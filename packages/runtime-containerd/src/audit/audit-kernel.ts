import type { AuditFinding } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";

/** What a container needs, or is better off with, of the kernel. */
export async function auditKernel(context: RuntimeContext): Promise<readonly AuditFinding[]> {
  const { facts } = context.host;
  const read = (path: string): Promise<string> => readIfThere(context, path);
  const [fileSystems, seccomp, forwarding] = await Promise.all([
    read("/proc/filesystems"),
    read("/proc/sys/kernel/seccomp/actions_avail"),
    read("/proc/sys/net/ipv4/ip_forward"),
  ]);
  const { major, minor } = facts.kernel;
  return [
    { severity: "ok", subject: "kernel", meaning: `Linux ${String(major)}.${String(minor)}` },
    {
      severity: "ok",
      subject: "cgroups",
      meaning: `version ${String(facts.cgroupVersion)}, with ${[...(facts.cgroupFeatures ?? [])].join(", ")}`,
    },
    context.snapshotter !== "overlayfs" || /\boverlay\b/.test(fileSystems)
      ? { severity: "ok", subject: "overlay", meaning: "the kernel can stack layers" }
      : {
          severity: "error",
          subject: "overlay",
          meaning: "the kernel knows no overlay file system, on which containers' files are",
          action: "modprobe overlay, or choose the snapshotter native",
        },
    seccomp === ""
      ? {
          severity: "warning",
          subject: "seccomp",
          meaning: "the kernel filters no system calls: containers can make all of them",
          action: "use a kernel with CONFIG_SECCOMP_FILTER",
        }
      : { severity: "ok", subject: "seccomp", meaning: "system calls are filtered" },
    facts.apparmor === true || facts.selinux === true
      ? { severity: "ok", subject: "access control", meaning: facts.selinux === true ? "SELinux" : "AppArmor" }
      : {
          severity: "warning",
          subject: "access control",
          meaning: "neither AppArmor nor SELinux: one safeguard less around containers",
          action: "turn one of them on, if your distribution has it",
        },
    forwarding.trim() === "1"
      ? { severity: "ok", subject: "IP forwarding", meaning: "containers can reach other hosts" }
      : {
          severity: "warning",
          subject: "IP forwarding",
          meaning: "is off: containers reach nobody beyond this host until a network turns it on",
          action: "sysctl net.ipv4.ip_forward=1",
        },
    clock(),
  ];
}

/** Before this was written nobody can run it. */
const EARLIEST = Date.UTC(2025, 0, 1);

function clock(): AuditFinding {
  const now = new Date();
  if (now.getTime() > EARLIEST) return { severity: "ok", subject: "clock", meaning: now.toISOString() };
  return {
    severity: "error",
    subject: "clock",
    meaning: `it is not ${now.toISOString()}: certificates of registries will be refused`,
    action: "set the clock",
  };
}

async function readIfThere(context: RuntimeContext, path: string): Promise<string> {
  try {
    return await context.host.files.read(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES")) return "";
    throw error;
  }
}
