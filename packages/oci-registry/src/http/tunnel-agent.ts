import { request as requestHttp } from "node:http";
import type { AgentOptions } from "node:https";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { connect as connectTls } from "node:tls";
import { codeOf } from "./error-code.js";
import { proxyAuthorization } from "./proxy-rules.js";

type Callback = (error: Error | null, socket?: Duplex) => void;
type Target = ConnectionOptions & { readonly servername?: string };

/** What went wrong between us and a proxy; `code` is the connection's own, or `PROXY` for what the proxy answered. */
export class ProxyError extends Error {
  readonly code: string;
  /** `host:port` of the proxy. */
  readonly proxy: string;

  constructor(proxy: URL, message: string, code: string, cause?: unknown) {
    super(`proxy ${proxy.host}: ${message}`, cause === undefined ? {} : { cause });
    this.name = "ProxyError";
    this.code = code;
    this.proxy = proxy.host;
  }
}

/** TLS connections through an HTTP proxy's `CONNECT` (RFC 9110, section 9.3.6): the proxy sees the host's name and no more. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  // Node calls this for every new connection, and takes a socket that is handed to the callback later.
  override createConnection(target: Target, callback: Callback): undefined {
    const proxy = this.#proxy;
    const { host = "", port = 443 } = target;
    const authority = `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
    const authorization = proxyAuthorization(proxy);
    const send = proxy.protocol === "https:" ? requestHttps : requestHttp;
    const outgoing = send({
      method: "CONNECT",
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port === "" ? (proxy.protocol === "https:" ? 443 : 80) : Number(proxy.port),
      path: authority,
      headers: { host: authority, ...(authorization !== undefined && { "proxy-authorization": authorization }) },
      agent: false,
    });
    outgoing.once("connect", (response, socket) => {
      if (response.statusCode === 200) {
        callback(null, connectTls({ ...target, socket }));
        return;
      }
      socket.destroy();
      callback(new ProxyError(proxy, `answered ${String(response.statusCode)} to CONNECT ${authority}`, "PROXY"));
    });
    outgoing.once("response", (response) => {
      response.destroy();
      callback(new ProxyError(proxy, `answered ${String(response.statusCode)} to CONNECT ${authority}`, "PROXY"));
    });
    outgoing.once("error", (error) => {
      callback(new ProxyError(proxy, "the connection failed", codeOf(error) ?? "PROXY", error));
    });
    outgoing.end();
    return undefined;
  }
}
