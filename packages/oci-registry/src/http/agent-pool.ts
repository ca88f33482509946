import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { TlsOptions } from "./transport.js";

const OPTIONS = { keepAlive: true, maxFreeSockets: 16, scheduling: "lifo" } as const;

/**
 * Connections kept for reuse. Guarded requests have their own: an open connection is not looked up again, so one that was
 * opened without the guard must not serve a request with it. Every set of TLS options has its own, too.
 */
export class AgentPool {
  readonly #plain = { open: new HttpAgent(OPTIONS), guarded: new HttpAgent(OPTIONS) };
  readonly #secure = { open: new HttpsAgent(OPTIONS), guarded: new HttpsAgent(OPTIONS) };
  readonly #custom = new Map<TlsOptions, HttpsAgent>();

  agent(secure: boolean, tls: TlsOptions | undefined, guarded: boolean): HttpAgent {
    const kind = guarded ? "guarded" : "open";
    if (!secure) return this.#plain[kind];
    return tls === undefined || guarded ? this.#secure[kind] : this.#withTls(tls);
  }

  destroy(): void {
    const { open: plain, guarded: plainGuarded } = this.#plain;
    const { open: secure, guarded: secureGuarded } = this.#secure;
    for (const agent of [plain, plainGuarded, secure, secureGuarded, ...this.#custom.values()]) agent.destroy();
    this.#custom.clear();
  }

  #withTls(tls: TlsOptions): HttpsAgent {
    const known = this.#custom.get(tls);
    if (known !== undefined) return known;
    const agent = new HttpsAgent({
      ...OPTIONS,
      ...(tls.ca !== undefined && { ca: [...tls.ca] }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.skipVerify === true && { rejectUnauthorized: false }),
    });
    this.#custom.set(tls, agent);
    return agent;
  }
}
