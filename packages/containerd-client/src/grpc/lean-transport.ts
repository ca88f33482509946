import type { DescMethod } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues, type Interceptor, type Transport } from "@connectrpc/connect";
import { createMethodUrl, runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import type { GrpcSession } from "./call.js";
import { cancelOnReturn } from "./cancel-on-return.js";
import type { MessageLimits } from "./message-limits.js";
import type { Metadata } from "./metadata.js";
import { requestHeader } from "./request-header.js";
import { type CallTerms, Wire } from "./wire.js";

export interface LeanTransportOptions extends MessageLimits {
  /** Applied as Connect applies them. Without any, a call costs less. */
  readonly interceptors?: readonly Interceptor[];
}

/** What requests name as their server; over a unix socket nobody looks at it. */
const BASE_URL = "http://localhost";

/**
 * Connect's `Transport` for gRPC over one HTTP/2 connection: a call is one HTTP/2 stream and little else, and headers
 * become `Headers` only for those who look at them. No compression, no JSON. Calls fail with a `ConnectError` of the
 * code that `createGrpcTransport` of `@connectrpc/connect-node` gives.
 */
export function createLeanTransport(session: GrpcSession, options: LeanTransportOptions): Transport {
  const wire = new Wire(session, options);
  const interceptors = [...(options.interceptors ?? [])];
  return interceptors.length === 0 ? plainTransport(wire) : interceptedTransport(wire, interceptors);
}

function plainTransport(wire: Wire): Transport {
  return {
    unary: (method, signal, timeoutMs, header: Metadata, input) =>
      wire.unary(method, { signal, timeoutMs: positive(timeoutMs), header }, input),
    stream: (method, signal, timeoutMs, header: Metadata, input) =>
      wire.stream(method, { signal, timeoutMs: positive(timeoutMs), header }, input),
  };
}

function interceptedTransport(wire: Wire, interceptors: Interceptor[]): Transport {
  return {
    unary: (method, signal, timeoutMs, header: Metadata, message, contextValues) => {
      const terms = { signal, timeoutMs: positive(timeoutMs), header };
      return runUnaryCall({
        interceptors,
        ...limits(terms),
        req: { stream: false, method, message, ...envelope(method, terms, contextValues) },
        next: (req) => wire.unary(req.method, termsOf(req), req.message),
      });
    },
    stream: async (method, signal, timeoutMs, header: Metadata, message, contextValues) => {
      // Connect's own iteration cannot be ended early; the call's signal can.
      const ended = new AbortController();
      const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
      const terms = { signal: either, timeoutMs: positive(timeoutMs), header };
      const response = await runStreamingCall({
        interceptors,
        ...limits(terms),
        req: { stream: true, method, message, ...envelope(method, terms, contextValues) },
        next: (req) => wire.stream(req.method, termsOf(req), req.message),
      });
      return {
        ...response,
        message: cancelOnReturn(response.message, () => {
          ended.abort();
        }),
      };
    },
  };
}

/** What an interceptor sees of a request beside its method and its messages. */
interface Envelope {
  readonly service: DescMethod["parent"];
  readonly requestMethod: string;
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
}

function envelope(method: DescMethod, terms: CallTerms, contextValues: ContextValues | undefined): Envelope {
  return {
    service: method.parent,
    requestMethod: "POST",
    url: createMethodUrl(BASE_URL, method),
    header: new Headers(requestHeader(terms.header, terms.timeoutMs)),
    contextValues: contextValues ?? createContextValues(),
  };
}

/** Behind the interceptors the signal stands for the deadline too, and the header names it already. */
function termsOf(request: { readonly signal: AbortSignal; readonly header: Headers }): CallTerms {
  return { signal: request.signal, timeoutMs: undefined, header: request.header };
}

function limits(terms: CallTerms): { signal?: AbortSignal; timeoutMs?: number } {
  return {
    ...(terms.signal === undefined ? {} : { signal: terms.signal }),
    ...(terms.timeoutMs === undefined ? {} : { timeoutMs: terms.timeoutMs }),
  };
}

/** Connect reads a deadline of nothing, or less, as none. */
function positive(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined || timeoutMs <= 0 ? undefined : timeoutMs;
}
