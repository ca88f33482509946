import type {
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

/** What a single call may be given. */
export interface CallOptions {
  /** The deadline, in milliseconds from now. */
  readonly timeoutMs?: number;
  /** Sent with the call; they win over the client's own. */
  readonly headers?: Headers | Readonly<Record<string, string>> | [string, string][];
  /** Ends the call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of the headers of the response when they have come. */
  onHeader?(headers: Headers): void;
  /** Told of the trailers of the response when it has ended well. */
  onTrailer?(trailers: Headers): void;
}

/**
 * A service as an object with a function for each of its methods. (Connect's own `Client` is the same, but cannot be
 * compiled against without TypeScript's `dom` library.)
 */
export type ServiceClient<Service extends DescService> = {
  [Name in keyof Service["method"]]: Service["method"][Name] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : Service["method"][Name] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : Service["method"][Name] extends DescMethodClientStreaming<infer I, infer O>
        ? (request: AsyncIterable<MessageInitShape<I>>, options?: CallOptions) => Promise<MessageShape<O>>
        : Service["method"][Name] extends DescMethodBiDiStreaming<infer I, infer O>
          ? (request: AsyncIterable<MessageInitShape<I>>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
          : never;
};
