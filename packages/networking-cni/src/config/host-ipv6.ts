import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import { runProcess } from "../plugin/run-process.js";

/** What has to be known before a network gets IPv6 by default. The seam for tests. */
export interface HostIpv6 {
  /** Whether containers can have IPv6 here without the host losing its own. */
  isUsable(): Promise<boolean>;
  /** The same as long as the machine is installed as it is. */
  machineId(): Promise<string>;
}

const SETTINGS = "/proc/sys/net/ipv6/conf";
/** Flag of a route that came with a router's advertisement (`RTF_ADDRCONF`, linux/ipv6_route.h). */
const ADVERTISED = 0x40000;

/** Reads `/proc`, and asks ip6tables. */
export class ProcHostIpv6 implements HostIpv6 {
  readonly #read: (path: string) => Promise<string>;
  readonly #hasNat: () => Promise<boolean>;

  constructor(read: (path: string) => Promise<string> = readOrEmpty, hasNat: () => Promise<boolean> = ip6tablesHasNat) {
    this.#read = read;
    this.#hasNat = hasNat;
  }

  async isUsable(): Promise<boolean> {
    const disabled = await Promise.all(["all", "default"].map((name) => this.#setting(name, "disable_ipv6")));
    if (disabled.some((value) => value !== "0")) return false;
    return !(await this.#routesWouldGo()) && (await this.#hasNat());
  }

  async machineId(): Promise<string> {
    for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
      const id = (await this.#read(path)).trim();
      if (id !== "") return id;
    }
    // The list is written once, so anything will do that other machines do not have.
    return randomUUID();
  }

  /** A host that forwards takes no advertisements (`accept_ra` 1), and the bridge plugin makes it forward. */
  async #routesWouldGo(): Promise<boolean> {
    if ((await this.#setting("all", "forwarding")) === "1") return false;
    const devices = (await this.#read("/proc/net/ipv6_route")).split("\n").flatMap(advertisedDefault);
    const accepting = await Promise.all(devices.map((device) => this.#setting(device, "accept_ra")));
    return accepting.includes("1");
  }

  async #setting(device: string, name: string): Promise<string> {
    return (await this.#read(`${SETTINGS}/${device}/${name}`)).trim();
  }
}

/** The device of an advertised default route: destination, its length, source, its length, gateway, 3 numbers, flags, device. */
function advertisedDefault(line: string): readonly string[] {
  const fields = line.trim().split(/\s+/);
  const [destination, length] = fields;
  const device = fields[9];
  const isDefault = destination === "0".repeat(32) && length === "00";
  const flags = parseInt(fields[8] ?? "0", 16);
  return isDefault && device !== undefined && (flags & ADVERTISED) !== 0 ? [device] : [];
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EINVAL"].includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}

/** Not every kernel has address translation for IPv6, and not every host the tool. */
async function ip6tablesHasNat(): Promise<boolean> {
  try {
    const args = ["--wait", "-t", "nat", "-S", "POSTROUTING"];
    return (await runProcess({ file: "ip6tables", args, env: baseEnvironment() })).exitCode === 0;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
