import type { ImageDocuments } from "./image-documents.js";

/** Documents are found by their digest, so what has been read once never changes. Keeps the most recently used. */
export class DocumentCache {
  readonly #known = new Map<string, ImageDocuments>();
  readonly #limit: number;

  constructor(limit = 64) {
    this.#limit = limit;
  }

  async get(digest: string, read: () => Promise<ImageDocuments>): Promise<ImageDocuments> {
    const documents = this.#known.get(digest) ?? (await read());
    this.#known.delete(digest);
    this.#known.set(digest, documents);
    const oldest = this.#known.keys().next();
    if (this.#known.size > this.#limit && oldest.done !== true) this.#known.delete(oldest.value);
    return documents;
  }
}
