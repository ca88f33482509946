import type { Attachment, PortMapping } from "@voiyd/runtime-api";
import { isRecord } from "./json.js";

/** What the runtime shows of a container's network without asking the network manager. */
export interface NetworkRecord {
  readonly ip?: string;
  readonly ports?: readonly PortMapping[];
  readonly startedAt?: string;
  /** The boot of the host in which it was last started. */
  readonly boot?: string;
  /** Of its first process: what tells one run of the container from another. */
  readonly pid?: number;
  /** The sizes of the container's log files at its last start, in bytes, where they were not empty. */
  readonly logStart?: LogStart;
}

export interface LogStart {
  readonly stdout: number;
  readonly stderr: number;
}

export function networkRecord(attachment: Attachment | undefined, startedAt: Date, logStart?: LogStart): NetworkRecord {
  const addresses = attachment?.interfaces.flatMap((item) => item.addresses) ?? [];
  const ip = (addresses.find((item) => item.family === 4) ?? addresses[0])?.address;
  const ports = attachment?.ports ?? [];
  return {
    startedAt: startedAt.toISOString(),
    ...(logStart === undefined ? {} : { logStart }),
    ...(ip === undefined ? {} : { ip }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

export function parseNetworkRecord(value: unknown): NetworkRecord {
  if (!isRecord(value)) return {};
  const { ip, ports, startedAt, boot, pid, logStart } = value;
  return {
    ...(typeof ip === "string" ? { ip } : {}),
    ...(Array.isArray(ports) && ports.every(isPortMapping) ? { ports } : {}),
    ...(typeof startedAt === "string" && !Number.isNaN(Date.parse(startedAt)) ? { startedAt } : {}),
    ...(typeof boot === "string" ? { boot } : {}),
    ...(typeof pid === "number" ? { pid } : {}),
    ...(isLogStart(logStart) ? { logStart } : {}),
  };
}

function isPortMapping(value: unknown): value is PortMapping {
  return isRecord(value) && typeof value["hostPort"] === "number" && typeof value["containerPort"] === "number";
}

function isLogStart(value: unknown): value is LogStart {
  return isRecord(value) && typeof value["stdout"] === "number" && typeof value["stderr"] === "number";
}
