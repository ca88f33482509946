import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";

const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Whether `text` is a digest that can be verified here: sha256 or sha512, in lower-case hex (OCI image spec, descriptor). */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

export interface ParsedDigest {
  readonly algorithm: "sha256" | "sha512";
  readonly hex: string;
}

export function parseDigest(digest: string): ParsedDigest | undefined {
  if (!isDigest(digest)) return undefined;
  return { algorithm: digest.startsWith("sha256:") ? "sha256" : "sha512", hex: digest.slice("sha256:".length) };
}

/** A hash of the kind that `digest` was made with. A digest of another kind gets sha256, and so can never agree. */
export function createDigester(digest: string): Digester {
  return new Digester(parseDigest(digest)?.algorithm ?? "sha256");
}

export class Digester {
  readonly #algorithm: "sha256" | "sha512";
  readonly #hash: Hash;

  constructor(algorithm: "sha256" | "sha512") {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Can be asked once. */
  digest(): string {
    return `${this.#algorithm}:${this.#hash.digest("hex")}`;
  }
}

/** The digest of bytes that are all here. */
export function digestOf(bytes: Uint8Array, algorithm: "sha256" | "sha512" = "sha256"): string {
  const digester = new Digester(algorithm);
  digester.update(bytes);
  return digester.digest();
}
