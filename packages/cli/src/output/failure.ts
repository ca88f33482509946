import { isRuntimeError } from "@voiyd/runtime-api";
import { types } from "node:util";
import { UsageError } from "../command-line/usage-error.js";
import { escapeLines, escapeText } from "./escape.js";

const DEEPEST_CAUSE = 10;

/** An error as the lines that a person reads: what failed, what to do about it, and with `debug` what was underneath. */
export function renderFailure(error: unknown, debug: boolean): string {
  const lines = [`voiyd: ${escapeText(messageOf(error))}`];
  const hint = hintOf(error);
  if (hint !== undefined) lines.push(`hint: ${escapeText(hint)}`);
  if (debug) lines.push(...chain(error));
  return `${lines.join("\n")}\n`;
}

export function messageOf(error: unknown): string {
  return types.isNativeError(error) && error.message !== "" ? error.message : String(error);
}

/** The system's name for an error, as `EPIPE`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function hintOf(error: unknown): string | undefined {
  return isRuntimeError(error) || error instanceof UsageError ? error.hint : undefined;
}

function chain(error: unknown): string[] {
  const lines = isRuntimeError(error)
    ? [`details: ${escapeText(JSON.stringify({ code: error.code, ...error.details }))}`]
    : [];
  let current = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && current !== undefined; depth += 1) {
    lines.push(`${depth === 0 ? "error" : "cause"}: ${escapeLines(stackOf(current))}`);
    current = types.isNativeError(current) ? current.cause : undefined;
  }
  return lines;
}

function stackOf(error: unknown): string {
  return types.isNativeError(error) ? (error.stack ?? error.message) : String(error);
}
