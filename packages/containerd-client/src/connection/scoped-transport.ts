import type { Transport } from "@connectrpc/connect";
import { errorFromReason } from "../errors/from-reason.js";
import { deadlineOf, methodName } from "./deadline.js";
import { type Scope, scopeHeaders } from "./scope.js";

/**
 * Puts the scope's headers and a deadline on every call, and turns every failure into a `ContainerdError`; an aborted
 * call rejects with the signal's own reason.
 */
export function scopeTransport(transport: Transport, scope: Scope, address: string): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      try {
        const deadline = deadlineOf(method, timeoutMs);
        return await transport.unary(method, signal, deadline, scopeHeaders(scope, header), input, contextValues);
      } catch (reason) {
        throw failure(reason, methodName(method), signal, address);
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const name = methodName(method);
      try {
        const response = await transport.stream(
          method,
          signal,
          timeoutMs,
          scopeHeaders(scope, header),
          input,
          contextValues,
        );
        return {
          stream: true,
          service: response.service,
          method: response.method,
          // Asked for by few: made when they are.
          get header() {
            return response.header;
          },
          get trailer() {
            return response.trailer;
          },
          message: mapFailures(response.message, name, signal, address),
        };
      } catch (reason) {
        throw failure(reason, name, signal, address);
      }
    },
  };
}

async function* mapFailures<T>(
  messages: AsyncIterable<T>,
  method: string,
  signal: AbortSignal | undefined,
  address: string,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (reason) {
    throw failure(reason, method, signal, address);
  }
}

function failure(reason: unknown, method: string, signal: AbortSignal | undefined, address: string): unknown {
  return signal?.aborted === true ? signal.reason : errorFromReason(reason, method, address);
}
