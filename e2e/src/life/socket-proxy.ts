import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A unix socket that leads to another one, until it is cut. */
export class SocketProxy implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isCut = false;

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

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
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
      one.pipe(other);
    }
  }
}
