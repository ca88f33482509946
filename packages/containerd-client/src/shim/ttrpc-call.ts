import { connect } from "node:net";
import { decodeResponse, encodeRequest, type TtrpcRequest, type TtrpcResponse } from "./ttrpc-message.js";

/**
 * One call over a connection of its own to a ttrpc server's unix socket. It keeps no process alive, and has no deadline:
 * give it a signal. Rejects with the signal's reason, with what the socket says, or because the answer is none.
 */
export function ttrpcCall(path: string, request: TtrpcRequest, signal: AbortSignal): Promise<TtrpcResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let received = Buffer.alloc(0);
    const socket = connect(path).unref();
    const end = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      settle();
    };
    const fail = (error: unknown): void => {
      end(() => {
        reject(error);
      });
    };
    const abort = (): void => {
      fail(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", fail);
    socket.on("close", () => {
      fail(new Error(`${path} was closed before the answer`));
    });
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const response = decodeResponse(received);
        if (response !== undefined)
          end(() => {
            resolve(response);
          });
      } catch (error) {
        fail(error);
      }
    });
    socket.write(encodeRequest(request));
  });
}
