import { isRecord } from "../container/json.js";
import { isFolderName } from "./registration.js";

/**
 * What the log process is asked, one a connection, as a line of JSON:
 * - `attach`: take up the container that has this folder; answered when its pipes are there
 * - `finish`: the container that has this folder has ended; answered when all of its output is in its files, or when there is
 *   no room for it
 * - `tell`: how it is
 * - `hand over`: another writer has come, whose keeper holds all pipes; end, and leave them to it
 * - `end`: leave everything as it is, and end; for whoever clears a host away
 */
export type LogRequest =
  { readonly do: "attach" | "finish"; readonly folder: string } | { readonly do: "tell" | "hand over" | "end" };

export interface LogAnswer {
  readonly ok: boolean;
  readonly error?: string;
  /** The process that writes, and the one that keeps the pipes; for `tell`. */
  readonly writer?: number;
  readonly keeper?: number;
  /** How many containers it looks after; for `tell`. */
  readonly containers?: number;
}

/** Throws for what is no request. */
export function parseRequest(line: string): LogRequest {
  const value: unknown = JSON.parse(line);
  const { do: what, folder } = isRecord(value) ? value : {};
  if ((what === "attach" || what === "finish") && isFolderName(folder)) return { do: what, folder };
  if (what === "tell" || what === "hand over" || what === "end") return { do: what };
  throw new Error("not a request");
}

/** Throws for what is no answer. */
export function parseAnswer(line: string): LogAnswer {
  const value: unknown = JSON.parse(line);
  const { ok, error, writer, keeper, containers } = isRecord(value) ? value : {};
  if (typeof ok !== "boolean") throw new Error("not an answer");
  return {
    ok,
    ...(typeof error === "string" ? { error } : {}),
    ...(typeof writer === "number" ? { writer } : {}),
    ...(typeof keeper === "number" ? { keeper } : {}),
    ...(typeof containers === "number" ? { containers } : {}),
  };
}

/** Between the writer and its keeper: hold the pipes of a folder, or let them go. */
export type KeepMessage = { readonly hold: string } | { readonly release: string };

export function parseKeepMessage(value: unknown): KeepMessage | undefined {
  const { hold, release } = isRecord(value) ? value : {};
  if (isFolderName(hold)) return { hold };
  return isFolderName(release) ? { release } : undefined;
}

/** The keeper's answer: it holds them. */
export function parseHeld(value: unknown): string | undefined {
  const { held } = isRecord(value) ? value : {};
  return isFolderName(held) ? held : undefined;
}
