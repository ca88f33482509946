import type { OptionKind, OptionSpec } from "./option-table.js";

/**
 * An option of Docker's or nerdctl's that is known, and not followed: it is refused with the reason instead of being passed
 * over, unless what it asks for is so anyway.
 */
export function refusedOption(
  kind: OptionKind,
  reason: string,
  isSoAnyway: (text: string) => boolean = () => false,
  short?: string,
): OptionSpec {
  return {
    kind,
    help: reason,
    hidden: true,
    refuses: (text) => !isSoAnyway(text),
    ...(short === undefined ? {} : { short }),
  };
}

/** What asks for nothing: a flag that is taken back. */
export const isOff = (text: string): boolean => text === "false";

/** One of these words. */
export const isOneOf =
  (...words: readonly string[]): ((text: string) => boolean) =>
  (text) =>
    words.includes(text);
