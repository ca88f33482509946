import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { hasCode } from "../host/file-store.js";
import { findPackageFile } from "./own-package.js";

/** A function of a C library. */
export type Call = (...args: readonly unknown[]) => unknown;

/** What is used of the package `koffi`, which calls functions of C libraries. */
export interface Koffi {
  /** With null: what the process itself is linked with. */
  load(library: null): { func(prototype: string): Call & { readonly async: Call } };
  /** The error of the last call. */
  errno(): number;
}

const PACKAGE = "koffi";
/** What the package says where it has come without an add-on for a machine of this kind. Of one that is there it says what is wrong. */
const NO_ADDON = "Cannot find the native Koffi module";

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
  const koffi: unknown = source === undefined ? createRequire(file)(PACKAGE) : source();
  if (!isKoffi(koffi)) throw new Error("the package koffi is not what it is taken for");
  return koffi;
}

/**
 * Loads it for what can be left undone without it: undefined where it was left out at the installation, where there is none
 * for this machine, and in a program that has only our code. Throws `FAILED_PRECONDITION` where it is there and broken.
 */
export function findKoffi(): Koffi | undefined {
  const file = findPackageFile("package.json");
  if (source === undefined && file === undefined) return undefined;
  try {
    return loadKoffi(file);
  } catch (error) {
    if (source === undefined && file !== undefined && isAbsent(error, file)) return undefined;
    throw brokenKoffi(error);
  }
}

/** What to say of one that is there and does not work. */
export function brokenKoffi(cause: unknown): RuntimeError {
  // Node.js adds a list of those that have asked for a module.
  const [said = ""] = String(cause).split("\n");
  return new RuntimeError("FAILED_PRECONDITION", `the package ${PACKAGE} cannot be used: ${said}`, {
    hint: "install it anew, or leave it out: without it, programs are copied without their capabilities",
    cause,
  });
}

/** A file that is missing in it has the same code as the whole package, which has no folder then. */
function isAbsent(error: unknown, file: string): boolean {
  if (error instanceof Error && error.message.startsWith(NO_ADDON)) return true;
  const folders = createRequire(file).resolve.paths(PACKAGE) ?? [];
  return hasCode(error, "MODULE_NOT_FOUND") && !folders.some((folder) => existsSync(join(folder, PACKAGE)));
}

function isKoffi(value: unknown): value is Koffi {
  return typeof value === "object" && value !== null && "load" in value && "errno" in value;
}
