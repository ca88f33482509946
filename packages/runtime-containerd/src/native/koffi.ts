import { createRequire } from "node:module";

/** A function of a C library. */
export type Call = (...args: readonly unknown[]) => unknown;

/** What is used of the package `koffi`, which calls functions of C libraries. */
export interface Koffi {
  /** With null: what the process itself is linked with. */
  load(library: null): { func(prototype: string): Call & { readonly async: Call } };
  /** The error of the last call. */
  errno(): number;
}

let source: (() => unknown) | undefined;

/** For a program that has the package within itself: where it comes from. To be said before it is loaded. */
export function takeKoffiFrom(own: () => unknown): void {
  source = own;
}

/**
 * Loads it when it is needed: whoever only imports this package, or builds it, needs no binary code of the machine's kind.
 * Throws where it is not installed.
 *
 * @param file of which package it is a dependency; default: this process's own program, as the log process has it
 */
export function loadKoffi(file: string = process.argv[1] ?? ""): Koffi {
  const koffi: unknown = source === undefined ? createRequire(file)("koffi") : source();
  if (!isKoffi(koffi)) throw new Error("the package koffi is not what it is taken for");
  return koffi;
}

function isKoffi(value: unknown): value is Koffi {
  return typeof value === "object" && value !== null && "load" in value && "errno" in value;
}
