/** What RFC 9113 (HTTP/2) numbers. */

/** The first bytes of every connection (§3.4). */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Frame types (§6). */
export const FRAME = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  resetStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Flags, as far as a frame type has them (§6). */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Settings (§6.5.2). */
export const SETTING = {
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
} as const;

/** Error codes (§7). */
export const ERROR = {
  none: 0x0,
  protocol: 0x1,
  flowControl: 0x3,
  frameSize: 0x6,
  cancel: 0x8,
  compression: 0x9,
} as const;

export const FRAME_HEADER_BYTES = 9;

/** What holds for either side until its peer says otherwise (§6.5.2, §6.9.2). */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const DEFAULT_MAX_FRAME_BYTES = 16_384;

/** The largest window, and the largest stream identifier: 31 bits (§5.1.1, §6.9.1). */
export const MAX_31_BITS: number = 2 ** 31 - 1;
