/** What one stream of a container has written. Kept whole, read by any number of readers, each from the start. */
export class OutputLog {
  #chunks: Uint8Array[] = [];
  #closed = false;
  /** Counts the times it was emptied, so that a reader knows that its place is gone. */
  #generation = 0;
  readonly #readers = new Set<() => void>();

  write(data: string | Uint8Array): void {
    if (this.#closed) return;
    this.#chunks.push(typeof data === "string" ? new TextEncoder().encode(data) : Uint8Array.from(data));
    this.#wake();
  }

  /** Nothing more will be written: those who follow read what is left, and end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** There is somebody again who writes. */
  reopen(): void {
    this.#closed = false;
  }

  empty(): void {
    this.#chunks = [];
    this.#generation++;
    this.#wake();
  }

  /** @param last resolves when nobody writes any more at all; without it, one that follows ends when the log is closed */
  read(follow: boolean, signal: AbortSignal | undefined, last?: Promise<unknown>): ReadableStream<Uint8Array> {
    return follow ? this.#followed(signal, last) : streamOf(this.#chunks);
  }

  #followed(signal: AbortSignal | undefined, last: Promise<unknown> | undefined): ReadableStream<Uint8Array> {
    let isLast = last === undefined;
    let next = 0;
    let generation = this.#generation;
    let stop = (): void => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const advance = (): void => {
          if (generation !== this.#generation) {
            generation = this.#generation;
            next = 0;
          }
          for (const chunk of this.#chunks.slice(next)) controller.enqueue(Uint8Array.from(chunk));
          next = this.#chunks.length;
          if (!this.#closed || !isLast) return;
          stop();
          controller.close();
        };
        const abort = (): void => {
          stop();
          controller.error(signal?.reason);
        };
        stop = (): void => {
          this.#readers.delete(advance);
          signal?.removeEventListener("abort", abort);
        };
        this.#readers.add(advance);
        signal?.addEventListener("abort", abort);
        advance();
        const end = (): void => {
          isLast = true;
          if (this.#readers.has(advance)) advance();
        };
        last?.then(end, end);
      },
      cancel: () => {
        stop();
      },
    });
  }

  #wake(): void {
    for (const advance of [...this.#readers]) advance();
  }
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(Uint8Array.from(chunk));
      controller.close();
    },
  });
}
