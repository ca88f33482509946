import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { rootCertificates } from "node:tls";
import { TappedHttpAgent, TappedHttpsAgent } from "./tapped-agent.js";
import type { TlsOptions } from "./transport.js";
import { TunnelAgent } from "./tunnel-agent.js";

const OPTIONS = { keepAlive: true, maxFreeSockets: 16, scheduling: "lifo" } as const;

/** What tells one set of connections from another. */
export interface Route {
  readonly secure: boolean;
  readonly tls?: TlsOptions | undefined;
  /** An open connection is not looked up again, so one that was opened without the guard must not serve a request with it. */
  readonly guarded: boolean;
  readonly proxy?: URL | undefined;
  /** Whether large bodies are to be read past Node's parser, where that can be done. */
  readonly tapped: boolean;
}

/** Connections kept for reuse, apart for every route. */
export class AgentPool {
  readonly #agents = new Map<string, HttpAgent>();

  agent(route: Route): HttpAgent {
    const key = JSON.stringify([route.secure, route.guarded, route.proxy?.href, route.tapped, route.tls]);
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = create(route);
      this.#agents.set(key, agent);
    }
    return agent;
  }

  destroy(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

function create({ secure, tls, proxy, tapped }: Route): HttpAgent {
  if (!secure) return tapped ? new TappedHttpAgent(OPTIONS) : new HttpAgent(OPTIONS);
  const options = { ...OPTIONS, ...(tls !== undefined && tlsOptions(tls)) };
  if (proxy !== undefined) return new TunnelAgent(proxy, options);
  return tapped ? new TappedHttpsAgent(options) : new HttpsAgent(options);
}

function tlsOptions(tls: TlsOptions): object {
  return {
    ...(tls.ca !== undefined && { ca: [...rootCertificates, ...tls.ca] }),
    ...(tls.cert !== undefined && { cert: listOf(tls.cert) }),
    ...(tls.key !== undefined && { key: listOf(tls.key) }),
    ...(tls.skipVerify === true && { rejectUnauthorized: false }),
  };
}

function listOf(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
