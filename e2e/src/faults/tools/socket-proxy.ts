import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

/** A unix socket that leads to another one, such as the daemon's, as badly as it is told to. */
export class SocketProxy implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #held = new Set<() => void>();
  #isCut = false;
  #isStalled = false;
  /** Bytes of answers that still come through; undefined for all. */
  #left: number | undefined;

  private constructor(path: string, target: string) {
    this.path = path;
    this.#server = createServer((near) => {
      this.#accept(near, target);
    });
  }

  static async start(path: string, target: string): Promise<SocketProxy> {
    const proxy = new SocketProxy(path, target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen(path, resolve);
    });
    return proxy;
  }

  /** Ends every connection; new ones are ended at once. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** Connections stay, and nothing comes through in either direction: what is sent meanwhile comes later. */
  stall(): void {
    this.#isStalled = true;
  }

  /** So many more bytes of answers come through, wherever that is in a message; then every connection ends. */
  truncate(bytes: number): void {
    this.#left = bytes;
  }

  /** Leads on as it should. */
  mend(): void {
    this.#isCut = false;
    this.#isStalled = false;
    this.#left = undefined;
    for (const release of this.#held) release();
    this.#held.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#isStalled = false;
    for (const release of this.#held) release();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.path, { force: true });
  }

  #accept(near: Socket, target: string): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one);
      one
        .on("error", () => undefined)
        .on("close", () => {
          this.#open.delete(one);
          other.destroy();
        });
      one.pipe(this.#pieces(one === far)).pipe(other);
    }
  }

  #pieces(areAnswers: boolean): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const pass = (): void => {
          done(null, areAnswers ? this.#whatMayPass(chunk) : chunk);
        };
        if (this.#isStalled) this.#held.add(pass);
        else pass();
      },
    });
  }

  #whatMayPass(chunk: Buffer): Buffer {
    if (this.#left === undefined) return chunk;
    const passing = chunk.subarray(0, this.#left);
    this.#left -= passing.length;
    // After these bytes have been handed over.
    if (this.#left === 0) {
      setImmediate(() => {
        this.cut();
      });
    }
    return passing;
  }
}
