import { createHash } from "node:crypto";
import { type ContainerConfig, invalid, type SelinuxLabel } from "@voiyd/runtime-api";

export interface SelinuxLabels {
  /** Of the container's processes. */
  readonly process: string;
  /** Of what is mounted for it. */
  readonly mount: string;
}

/** As many categories as policies for multi-category security define. */
const CATEGORIES = 1024;

/**
 * The labels of a container; none when none were asked for. Throws `INVALID_ARGUMENT` when they were and the host has
 * no SELinux: a wall that was asked for and is not there must not go unnoticed.
 */
export function selinuxLabels(
  config: ContainerConfig,
  id: string,
  host: { readonly selinux?: boolean | undefined },
): SelinuxLabels | undefined {
  const { selinux } = config;
  if (selinux === undefined || selinux === "disable") return undefined;
  if (host.selinux !== true) throw invalid("selinux", show(selinux), "left out: this host has no SELinux");
  const { user = "system_u", role = "system_r", type = "container_t", level = ownLevel(id) } = selinux;
  return { process: `${user}:${role}:${type}:${level}`, mount: `system_u:object_r:container_file_t:${level}` };
}

/** Two categories by which containers are told apart. They follow from the id, so nobody has to remember them. */
function ownLevel(id: string): string {
  const hash = createHash("sha256").update(id).digest();
  const first = hash.readUInt16BE(0) % CATEGORIES;
  const second = (first + 1 + (hash.readUInt16BE(2) % (CATEGORIES - 1))) % CATEGORIES;
  return `s0:c${String(Math.min(first, second))},c${String(Math.max(first, second))}`;
}

function show(label: SelinuxLabel): string {
  return [label.user, label.role, label.type, label.level].map((part) => part ?? "").join(":");
}
