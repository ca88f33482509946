import { machine } from "node:os";
import type { Platform } from "./platform.js";

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ["x64", "amd64"],
  ["ia32", "386"],
  ["mipsel", "mipsle"],
  ["mips64el", "mips64le"],
]);

/** The platform that this process runs on. */
export function hostPlatform(): Platform {
  const os = process.platform === "win32" ? "windows" : process.platform;
  return describe(os, process.arch, machine());
}

/** From Node's names and the kernel's machine name. Apart, so that other machines can be tried. */
export function describe(os: string, arch: string, machineName: string): Platform {
  if (arch === "arm") return { os, architecture: "arm", variant: armVariant(machineName) };
  // Node has one name for both byte orders; every ppc64 that it still supports on Linux is little-endian.
  if (arch === "ppc64" && os === "linux") return { os, architecture: "ppc64le" };
  return { os, architecture: ARCHITECTURES.get(arch) ?? arch };
}

function armVariant(machineName: string): string {
  if (machineName === "aarch64" || machineName === "arm64") return "v8";
  const match = /^armv([5-8])/.exec(machineName);
  return `v${match?.[1] ?? "7"}`;
}
