import { once } from "node:events";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { AgentPool } from "./agent-pool.js";
import { assertPublicHost, guardedLookup } from "./address-guard.js";
import { BodyTap } from "./body-tap.js";
import { IncomingBody } from "./incoming-body.js";
import { LargeBody } from "./large-body.js";
import type { ProxyEnvironment } from "./proxy-rules.js";
import { proxyAuthorization, proxyFor } from "./proxy-rules.js";
import type { HttpRequest, HttpResponse, StreamedBody, Transport } from "./transport.js";
import { StalledError } from "./transport.js";

/**
 * HTTP/1.1 over Node's own modules, with connections kept alive, through the proxies of the environment. `stallTimeoutMs`
 * bounds every silence.
 */
export function createNodeTransport(stallTimeoutMs: number, proxies: ProxyEnvironment = {}): Transport {
  return new NodeTransport(stallTimeoutMs, proxies);
}

class NodeTransport implements Transport {
  readonly #agents = new AgentPool();
  readonly #stallTimeoutMs: number;
  readonly #proxies: ProxyEnvironment;

  constructor(stallTimeoutMs: number, proxies: ProxyEnvironment) {
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#proxies = proxies;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    request.signal?.throwIfAborted();
    if (request.guarded === true) assertPublicHost(request.url);
    const response = await this.#headers(request);
    const body = this.#body(response, request);
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

  #body(response: IncomingMessage, { method, memory, signal }: HttpRequest): IncomingBody | LargeBody {
    const tapped = memory === undefined ? undefined : BodyTap.of(response.socket)?.body();
    return memory === undefined || tapped === undefined
      ? new IncomingBody(response, method, this.#stallTimeoutMs, signal)
      : new LargeBody(response, tapped, { memory, stallTimeoutMs: this.#stallTimeoutMs, signal });
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
      const dial = boundDial(outgoing, request.dialTimeoutMs);
      const settle = (): void => {
        clearTimeout(stalled);
        clearTimeout(dial);
        request.signal?.removeEventListener("abort", abort);
      };
      request.signal?.addEventListener("abort", abort, { once: true });
      if (request.memory !== undefined) outgoing.once("socket", (socket) => BodyTap.of(socket)?.arm());
      outgoing.once("response", (response) => {
        settle();
        resolve(response);
      });
      // Stays on: a connection that breaks after the answer reports here too, and the body tells of it.
      outgoing.on("error", (error) => {
        settle();
        reject(error);
      });
      const { body } = request;
      if (body === undefined || !isStreamed(body)) {
        outgoing.end(body);
        return;
      }
      upload(outgoing, body, () => stalled.refresh()).catch((error: unknown) => {
        settle();
        outgoing.destroy();
        reject(error);
      });
    });
  }

  #open(request: HttpRequest): ClientRequest {
    const { url, method, tls, body, memory, guarded = false } = request;
    const secure = url.protocol === "https:";
    const proxy = proxyFor(url, this.#proxies);
    const target = proxy !== undefined && !secure ? proxy : url;
    const authorization = target === proxy ? proxyAuthorization(target) : undefined;
    const options: RequestOptions = {
      method,
      protocol: target.protocol,
      hostname: target.hostname.replace(/^\[|\]$/g, ""),
      port: target.port === "" ? (target.protocol === "https:" ? 443 : 80) : Number(target.port),
      // A proxy for plain HTTP is asked for the whole URL (RFC 9112, section 3.2.2).
      path: target === url ? `${url.pathname}${url.search}` : url.href,
      headers: {
        ...request.headers,
        ...(target !== url && { host: url.host }),
        ...(authorization !== undefined && { "proxy-authorization": authorization }),
        ...(body !== undefined && { "content-length": String(body.length) }),
      },
      agent: this.#agents.agent({
        secure: target.protocol === "https:",
        tls,
        guarded,
        proxy,
        tapped: memory !== undefined,
      }),
      ...(guarded && proxy === undefined && { lookup: guardedLookup }),
    };
    return target.protocol === "https:" ? requestHttps(options) : requestHttp(options);
  }
}

function isStreamed(body: Uint8Array | StreamedBody): body is StreamedBody {
  return "open" in body;
}

function boundDial(outgoing: ClientRequest, timeoutMs: number | undefined): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  const timer = setTimeout(() => {
    outgoing.destroy(new StalledError(timeoutMs));
  }, timeoutMs);
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) clearTimeout(timer);
    socket.once("connect", () => {
      clearTimeout(timer);
    });
  });
  return timer;
}

/** Sends a body as fast as the server takes it, and stops where the server has answered already. */
async function upload(outgoing: ClientRequest, body: StreamedBody, progressed: () => void): Promise<void> {
  const answered = new AbortController();
  const stop = (): void => {
    answered.abort();
  };
  outgoing.once("response", stop).once("close", stop);
  for await (const chunk of body.open()) {
    if (answered.signal.aborted) return;
    progressed();
    if (!outgoing.write(chunk)) {
      // Woken by an answer or by the end of the connection too; both are reported elsewhere.
      await once(outgoing, "drain", { signal: answered.signal }).catch(() => undefined);
    }
  }
  outgoing.end();
}
