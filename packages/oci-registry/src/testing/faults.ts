import type { Fault } from "./fake-registry.js";

export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ""): Fault {
  return (request, response) => {
    response.writeHead(code, headers);
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

/** Promises all of `bytes` from `from` on, sends up to `to`, and cuts the connection. */
export function cut(bytes: Uint8Array, to: number): Fault {
  return (request, response) => {
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, {
      "content-length": String(bytes.length - from),
      ...(from > 0 && { "content-range": `bytes ${String(from)}-${String(bytes.length - 1)}/${String(bytes.length)}` }),
    });
    response.write(bytes.subarray(from, to), () => {
      response.destroy();
    });
  };
}

/** Sends the first `to` bytes and then nothing, with the connection open. */
export function stall(bytes: Uint8Array, to: number): Fault {
  return (_request, response) => {
    response.writeHead(200, { "content-length": String(bytes.length) });
    if (to > 0) response.write(bytes.subarray(0, to));
    else response.flushHeaders();
  };
}

/** Never answers. */
export const silence: Fault = () => undefined;

export const reset: Fault = (_request, response) => {
  response.destroy();
};

/** Sends everything with 200, whatever range was asked for; without a length when `chunked`. */
export function whole(bytes: Uint8Array, chunked = false): Fault {
  return (_request, response) => {
    response.writeHead(200, chunked ? {} : { "content-length": String(bytes.length) });
    const middle = Math.floor(bytes.length / 2);
    response.write(bytes.subarray(0, middle), () => {
      response.end(bytes.subarray(middle));
    });
  };
}
