import { RuntimeError } from "@voiyd/runtime-api";
import { baseEnvironment } from "../plugin/environment.js";
import type { RunProcess } from "../plugin/run-process.js";
import { isJsonObject, numberAt, objectsAt, stringAt, tryParseJson, type JsonObject } from "../protocol/json.js";

/** A part of the address space that the host uses already. */
export interface UsedSubnet {
  /** In CIDR notation. */
  readonly subnet: string;
  /** Who uses it, for a message. */
  readonly by: string;
  /** The interface. */
  readonly device: string;
}

/** The interfaces and routes of the host. The seam for tests. */
export interface HostLinks {
  /** The names of the interfaces; of one kind (`ifb`, `bridge`, …) where it is given. */
  names(kind: string | undefined, signal: AbortSignal): Promise<readonly string[]>;
  /** The names of the interfaces that are ports of a bridge. */
  portsOf(bridge: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes an interface; none is success. Throws `NETWORK_TEARDOWN_FAILED`. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** What the routes (the default ones excepted) and addresses of the host take. */
  usedSubnets(signal: AbortSignal): Promise<readonly UsedSubnet[]>;
}

/** Asks `ip` (iproute2). */
export class IpHostLinks implements HostLinks {
  readonly #run: RunProcess;

  constructor(run: RunProcess) {
    this.#run = run;
  }

  async names(kind: string | undefined, signal: AbortSignal): Promise<readonly string[]> {
    const links = await this.#list(["link", "show", ...(kind === undefined ? [] : ["type", kind])], signal);
    return links.flatMap((link) => stringAt(link, "ifname") ?? []);
  }

  async portsOf(bridge: string, signal: AbortSignal): Promise<readonly string[]> {
    const links = await this.#list(["link", "show"], signal);
    return links
      .filter((link) => stringAt(link, "master") === bridge)
      .flatMap((link) => stringAt(link, "ifname") ?? []);
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const { exitCode, stderr } = await this.#ip(["link", "delete", "dev", name], signal);
    if (exitCode === 0 || /cannot find device/i.test(stderr)) return;
    signal.throwIfAborted();
    throw new RuntimeError("NETWORK_TEARDOWN_FAILED", `interface ${name} cannot be removed: ${stderr.trim()}`, {
      details: { interface: name },
    });
  }

  async usedSubnets(signal: AbortSignal): Promise<readonly UsedSubnet[]> {
    const listed = await Promise.all([
      this.#list(["-4", "route", "show", "table", "all"], signal),
      this.#list(["-6", "route", "show", "table", "all"], signal),
      this.#list(["addr", "show"], signal),
    ]);
    const [routes4, routes6, links] = listed;
    return [...[...routes4, ...routes6].flatMap(routeSubnet), ...links.flatMap(linkSubnets)];
  }

  async #list(args: readonly string[], signal: AbortSignal): Promise<readonly JsonObject[]> {
    const { exitCode, stdout, stderr } = await this.#ip(["-j", ...args], signal);
    if (exitCode !== 0) {
      signal.throwIfAborted();
      throw new RuntimeError("FAILED_PRECONDITION", `ip ${args.join(" ")}: ${stderr.trim()}`, {
        hint: "Install iproute2",
        details: { tool: "ip" },
      });
    }
    // Of no interfaces at all it prints nothing, or objects without anything in them.
    const value = tryParseJson(stdout);
    return Array.isArray(value) ? value.filter(isJsonObject) : [];
  }

  #ip(args: readonly string[], signal: AbortSignal): ReturnType<RunProcess> {
    return this.#run({ file: "ip", args, env: baseEnvironment(), signal, graceMs: 1000 });
  }
}

/** Groups, link-local addresses and single addresses of tables of the kernel say nothing about subnets. */
function routeSubnet(route: JsonObject): readonly UsedSubnet[] {
  const destination = stringAt(route, "dst") ?? "default";
  const device = stringAt(route, "dev") ?? "";
  if (destination === "default" || device === "lo" || ["multicast", "anycast"].includes(stringAt(route, "type") ?? ""))
    return [];
  if (/^(?:fe80:|ff|224\.|169\.254\.)/i.test(destination)) return [];
  const subnet = destination.includes("/") ? destination : `${destination}/${destination.includes(":") ? "128" : "32"}`;
  return [{ subnet, by: device === "" ? "a route of the host" : `a route of the host through ${device}`, device }];
}

function linkSubnets(link: JsonObject): readonly UsedSubnet[] {
  const device = stringAt(link, "ifname") ?? "";
  if (device === "lo") return [];
  return objectsAt(link, "addr_info").flatMap((address) => {
    const [local, length] = [stringAt(address, "local"), numberAt(address, "prefixlen")];
    if (local === undefined || length === undefined || stringAt(address, "scope") === "link") return [];
    return [{ subnet: `${local}/${String(length)}`, by: `interface ${device} of the host`, device }];
  });
}
