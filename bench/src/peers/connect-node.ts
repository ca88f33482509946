import { connect } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

const MAX_BYTES = 32 * 1024 * 1024;

/** `@connectrpc/connect-node` as its users set it up for a unix socket. */
export function connectNodeTransport(address: string, namespace: string): Transport {
  return createGrpcTransport({
    baseUrl: "http://localhost",
    nodeOptions: { createConnection: () => connect(address) },
    readMaxBytes: MAX_BYTES,
    writeMaxBytes: MAX_BYTES,
    acceptCompression: [],
    interceptors: [
      (next) => (request) => {
        request.header.set("containerd-namespace", namespace);
        return next(request);
      },
    ],
  });
}
