import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { StreamResponse, UnaryResponse } from "@connectrpc/connect";
import { AbortHub } from "./abort-hub.js";
import type { Call, GrpcSession } from "./call.js";
import { decodeMessage } from "./frame-decoder.js";
import { encodeInParts, encodeMessage } from "./frame-encoder.js";
import type { MessageLimits } from "./message-limits.js";
import type { Metadata } from "./metadata.js";
import { requestHeader } from "./request-header.js";
import { webHeaders } from "./response-header.js";
import { StreamCall } from "./stream-call.js";
import { callUnary, type UnaryAnswer } from "./unary-call.js";

/** Of requests over a unix socket it is arbitrary; gRPC servers do not look at it. */
const AUTHORITY = "localhost";

/** What a call may come with, beside its method and its messages. */
export interface CallTerms {
  readonly signal: AbortSignal | undefined;
  /** The deadline, in milliseconds from now; undefined for none. */
  readonly timeoutMs: number | undefined;
  readonly header: Metadata;
}

/** Calls without interceptors: messages in, messages out. */
export class Wire {
  readonly #session: GrpcSession;
  readonly #limits: MessageLimits;
  readonly #aborts: AbortHub = new AbortHub();

  constructor(session: GrpcSession, limits: MessageLimits) {
    this.#session = session;
    this.#limits = limits;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    terms: CallTerms,
    input: MessageInitShape<I>,
  ): Promise<UnaryResponse<I, O>> {
    const request = encodeMessage(method.input, create(method.input, input), this.#limits.writeMaxBytes);
    const answer = await callUnary(this.#call(method, terms), request);
    return new LazyUnaryResponse(method, answer, decodeMessage(method.output, answer.message));
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    terms: CallTerms,
    input: AsyncIterable<MessageInitShape<I>>,
  ): Promise<StreamResponse<I, O>> {
    const call = new StreamCall(this.#call(method, terms), input, (message) =>
      encodeInParts(method.input, create(method.input, message), this.#limits.writeMaxBytes),
    );
    const received = await call.open();
    const message = call.messages((bytes) => decodeMessage(method.output, bytes));
    let header: Headers | undefined;
    return {
      stream: true,
      service: method.parent,
      method,
      get header() {
        return (header ??= webHeaders(received));
      },
      get trailer() {
        return call.trailer;
      },
      message,
    };
  }

  #call(method: DescMethod, terms: CallTerms): Call {
    return {
      session: this.#session,
      aborts: this.#aborts,
      header: [
        [":method", "POST"],
        [":scheme", "http"],
        [":path", `/${method.parent.typeName}/${method.name}`],
        [":authority", AUTHORITY],
        ...Object.entries(requestHeader(terms.header, terms.timeoutMs)),
      ],
      limits: this.#limits,
      signal: terms.signal,
      timeoutMs: terms.timeoutMs,
    };
  }
}

/** A response whose headers become `Headers` when somebody looks at them: most callers never do. */
class LazyUnaryResponse<I extends DescMessage, O extends DescMessage> implements UnaryResponse<I, O> {
  readonly stream = false;
  readonly method: DescMethodUnary<I, O>;
  readonly message: MessageShape<O>;
  readonly #answer: UnaryAnswer;
  #header: Headers | undefined;
  #trailer: Headers | undefined;

  constructor(method: DescMethodUnary<I, O>, answer: UnaryAnswer, message: MessageShape<O>) {
    this.method = method;
    this.message = message;
    this.#answer = answer;
  }

  get service(): DescMethodUnary<I, O>["parent"] {
    return this.method.parent;
  }

  get header(): Headers {
    return (this.#header ??= webHeaders(this.#answer.header));
  }

  get trailer(): Headers {
    return (this.#trailer ??= webHeaders(this.#answer.trailer));
  }
}
