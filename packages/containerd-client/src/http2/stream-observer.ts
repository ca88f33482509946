import type { HeaderBlock } from "./hpack/decoder.js";

/** What happens to a request, in this order. None of these may throw. */
export interface StreamObserver {
  onHeader(block: HeaderBlock): void;
  /** The bytes are the observer's; it says when it is done with them, see `ClientStream.consumed`. */
  onData(bytes: Buffer): void;
  onTrailer(block: HeaderBlock): void;
  /** The peer has said all that it had to say. */
  onEnd(): void;
  /** More can be sent, after `send` has returned false. */
  onDrain(): void;
  /**
   * Nothing comes any more: once, at the end of every request. Before `onEnd` it is a failure: `reason`, where the connection
   * failed, else the stream was reset with `ClientStream.resetCode`.
   */
  onClose(reason: Error | undefined): void;
}
