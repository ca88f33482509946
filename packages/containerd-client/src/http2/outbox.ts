import type { Socket } from "node:net";

/** Up to here, copying frames into one write costs less than several writes. */
const COPY_MAX_BYTES = 32 * 1024;
/** What may wait here before those who have more to send are asked to wait too. */
const ENOUGH_BYTES = 256 * 1024;

/** Collects what is sent within one turn, and gives it to the socket at once: fifty small calls are one write. */
export class Outbox {
  readonly #socket: Socket;
  readonly #onSent: () => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;

  /** @param onSent called when more may be sent, after {@link isFull} was true or not */
  constructor(socket: Socket, onSent: () => void) {
    this.#socket = socket;
    this.#onSent = onSent;
    socket.on("drain", onSent);
  }

  /** Whether whoever can wait should. */
  get isFull(): boolean {
    return this.#bytes >= ENOUGH_BYTES || this.#socket.writableNeedDrain;
  }

  /** The bytes must stay as they are until they are sent. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.flush();
      if (!this.#socket.writableNeedDrain) this.#onSent();
    });
  }

  flush(): void {
    this.#scheduled = false;
    const parts = this.#waiting;
    const bytes = this.#bytes;
    this.#waiting = [];
    this.#bytes = 0;
    if (parts.length === 0 || !this.#socket.writable) return;
    if (bytes <= COPY_MAX_BYTES) {
      const [only] = parts;
      this.#socket.write(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, bytes));
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }
}
