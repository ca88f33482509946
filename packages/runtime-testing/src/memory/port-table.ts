import type { PortMapping } from "@voiyd/runtime-api";
import { RuntimeError } from "@voiyd/runtime-api";

/** ip(7), `ip_local_port_range` of RFC 6335: ports that nobody owns. */
const FIRST_EPHEMERAL = 49152;
const LAST_PORT = 65535;

type Claimed = Required<Omit<PortMapping, "hostIp">> & Pick<PortMapping, "hostIp">;

/** The ports of a simulated host. */
export class PortTable {
  readonly #claims = new Map<string, readonly Claimed[]>();

  /** Takes all of these ports for a container, or none; 0 becomes a free one. Throws `PORT_IN_USE`. */
  claim(id: string, mappings: readonly PortMapping[]): readonly PortMapping[] {
    const claimed: Claimed[] = [];
    for (const mapping of mappings) {
      const protocol = mapping.protocol ?? "tcp";
      const wanted = { ...mapping, protocol };
      const port = mapping.hostPort === 0 ? this.#choose(wanted, claimed) : wanted;
      const owner = this.#ownerOf(port);
      if (owner !== undefined) {
        throw new RuntimeError(
          "PORT_IN_USE",
          `host port ${String(port.hostPort)}/${protocol} is published by container ${owner}`,
          {
            hint: "publish another port, or 0 to have a free one chosen",
            details: { hostPort: port.hostPort, protocol, owner },
          },
        );
      }
      claimed.push(port);
    }
    this.#claims.set(id, claimed);
    return claimed;
  }

  release(id: string): void {
    this.#claims.delete(id);
  }

  #choose(wanted: Claimed, own: readonly Claimed[]): Claimed {
    for (let hostPort = FIRST_EPHEMERAL; hostPort <= LAST_PORT; hostPort++) {
      const port = { ...wanted, hostPort };
      if (this.#ownerOf(port) === undefined && !own.some((other) => collide(other, port))) return port;
    }
    throw new RuntimeError("RESOURCE_EXHAUSTED", "every port of the simulated host is taken");
  }

  #ownerOf(port: Claimed): string | undefined {
    for (const [owner, claims] of this.#claims) if (claims.some((other) => collide(other, port))) return owner;
    return undefined;
  }
}

function collide(a: Claimed, b: Claimed): boolean {
  if (a.hostPort !== b.hostPort || a.protocol !== b.protocol) return false;
  return isWildcard(a.hostIp) || isWildcard(b.hostIp) || a.hostIp === b.hostIp;
}

function isWildcard(hostIp: string | undefined): boolean {
  return hostIp === undefined || hostIp === "0.0.0.0" || hostIp === "::";
}
