import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { AgentPool } from "./agent-pool.js";
import { assertPublicHost, guardedLookup } from "./address-guard.js";
import { IncomingBody } from "./incoming-body.js";
import type { HttpRequest, HttpResponse, Transport } from "./transport.js";
import { StalledError } from "./transport.js";

/** HTTP/1.1 over Node's own modules, with connections kept alive. `stallTimeoutMs` bounds every silence. */
export function createNodeTransport(stallTimeoutMs: number): Transport {
  return new NodeTransport(stallTimeoutMs);
}

class NodeTransport implements Transport {
  readonly #agents = new AgentPool();
  readonly #stallTimeoutMs: number;

  constructor(stallTimeoutMs: number) {
    this.#stallTimeoutMs = stallTimeoutMs;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    request.signal?.throwIfAborted();
    if (request.guarded === true) assertPublicHost(request.url);
    const response = await this.#headers(request);
    const body = new IncomingBody(response, request.method, this.#stallTimeoutMs, request.signal);
    return {
      url: request.url,
      status: response.statusCode ?? 0,
      headers: response.headers,
      body,
      discard: () => body.discard(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agents.destroy();
  }

  #headers(request: HttpRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(request);
      // Not Node's `signal` option: it would answer with its own AbortError, not with the caller's reason.
      const abort = (): void => {
        outgoing.destroy();
        reject(request.signal?.reason);
      };
      const stalled = setTimeout(() => {
        outgoing.destroy(new StalledError(this.#stallTimeoutMs));
      }, this.#stallTimeoutMs);
      const settle = (): void => {
        clearTimeout(stalled);
        request.signal?.removeEventListener("abort", abort);
      };
      request.signal?.addEventListener("abort", abort, { once: true });
      outgoing.once("response", (response) => {
        settle();
        resolve(response);
      });
      // Stays on: a connection that breaks after the answer reports here too, and the body tells of it.
      outgoing.on("error", (error) => {
        settle();
        reject(error);
      });
      outgoing.end(request.body);
    });
  }

  #open(request: HttpRequest): ClientRequest {
    const { url, method, tls, guarded = false } = request;
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      method,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: {
        ...request.headers,
        ...(request.body !== undefined && { "content-length": String(request.body.length) }),
      },
      agent: this.#agents.agent(secure, tls, guarded),
      ...(guarded && { lookup: guardedLookup }),
    };
    return secure ? requestHttps(options) : requestHttp(options);
  }
}
