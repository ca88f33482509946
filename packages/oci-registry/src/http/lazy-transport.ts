import type { HttpRequest, HttpResponse, Transport } from "./transport.js";

/** A transport that is made by the first request: whoever needs none does not load what it is made of. */
export class LazyTransport implements Transport {
  readonly #make: () => Promise<Transport>;
  #made: Promise<Transport> | undefined;

  constructor(make: () => Promise<Transport>) {
    this.#make = make;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    return await (await (this.#made ??= this.#make())).send(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#made)?.[Symbol.asyncDispose]();
  }
}
