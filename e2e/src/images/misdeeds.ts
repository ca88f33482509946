import type { Misdeed } from "./misbehaving-registry.js";

/** Sends a part of the honest answer, of which it has promised all, and cuts the connection. */
export function cutAt(share: number): Misdeed {
  return ({ bytes, from }, response) => {
    const end = from + Math.floor((bytes.length - from) * share);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": String(bytes.length - from),
      ...(from > 0 && { "content-range": `bytes ${String(from)}-${String(bytes.length - 1)}/${String(bytes.length)}` }),
    });
    response.flushHeaders();
    response.write(bytes.subarray(from, end), () => {
      response.destroy();
    });
  };
}

/** Sends a part, and then nothing, with the connection open. */
export function stallAt(share: number): Misdeed {
  return ({ bytes }, response) => {
    response.writeHead(200, { "content-length": String(bytes.length) });
    response.flushHeaders();
    response.write(bytes.subarray(0, Math.floor(bytes.length * share)));
  };
}

/** Sends everything in ten pieces, with pauses that are no silence yet. */
export const slowly: Misdeed = ({ bytes }, response) => {
  response.writeHead(200, { "content-length": String(bytes.length) });
  const piece = Math.max(1, Math.ceil(bytes.length / 10));
  let position = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(position, position + piece));
    position += piece;
    if (position < bytes.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, 60);
};

/** Answers a question for a part with the right number of bytes, from one place further on. */
export const wrongRange: Misdeed = ({ bytes, from }, response) => {
  const part = bytes.subarray(from);
  response.writeHead(206, {
    "content-length": String(part.length),
    "content-range": `bytes ${String(from + 1)}-${String(bytes.length)}/${String(bytes.length)}`,
  });
  response.end(part);
};

export const reset: Misdeed = (_asked, response) => {
  response.destroy();
};

export const silence: Misdeed = () => undefined;

export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Misdeed {
  return ({ method }, response) => {
    response.writeHead(status, headers);
    response.end(method === "HEAD" ? undefined : body);
  };
}

/** The honest bytes, changed; with their own length, or without any. */
export function alter(change: (bytes: Buffer) => Buffer, chunked = false): Misdeed {
  return ({ bytes }, response) => {
    const altered = change(Buffer.from(bytes));
    response.writeHead(200, chunked ? {} : { "content-length": String(altered.length) });
    response.write(altered.subarray(0, 1), () => response.end(altered.subarray(1)));
  };
}

export const flip = (bytes: Buffer): Buffer => {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
};

/** Sends everything with other headers. */
export function withHeaders(headers: Readonly<Record<string, string>>): Misdeed {
  return ({ bytes, method }, response) => {
    response.writeHead(200, { "content-length": String(bytes.length), ...headers });
    response.end(method === "HEAD" ? undefined : bytes);
  };
}

/** As an old server does: no length, the end of the connection is the end. */
export const untilClose: Misdeed = ({ bytes }, response) => {
  response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive = false;
  response.writeHead(200);
  response.end(bytes);
};

/** One raw block after the other in a Zstandard frame (RFC 8878): a compression that every decoder undoes. */
export function zstdFrame(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  const parts: Buffer[] = [header];
  const MOST = 128 * 1024;
  for (let position = 0; position < bytes.length; position += MOST) {
    const block = bytes.subarray(position, position + MOST);
    const last = position + MOST >= bytes.length ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE(last | (block.length << 3), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
