/** The largest message a call may carry, in bytes and each way; a larger one fails with `ResourceExhausted`. */
export interface MessageLimits {
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
}
