/** What makes a screen begin anew: a terminal's reset, its clearing, and the change to its other screen and back. */
const FRESH = new RegExp("\\u001b(?:c|\\[[23]J|\\[\\?(?:1049|1047|47)[hl])", "g");

/** Where nothing clears the screen, so many lines fill it. */
const LINES = 50;

/** How much of the end of an output is looked at, in bytes. */
export const SCREEN_BYTES: number = 64 * 1024;

/**
 * Where the last screen begins in the end of a terminal's output: at what last cleared it, or some lines before its end.
 * Not an emulation of the terminal: what is drawn from there on looks as it did, and a program that draws on its own
 * whole screen will do so again when it is told of its size.
 */
export function screenStart(tail: Uint8Array): number {
  // One character for one byte, so that positions are the same.
  const text = Buffer.from(tail).toString("latin1");
  const fresh = [...text.matchAll(FRESH)].at(-1);
  if (fresh !== undefined) return fresh.index;
  let start = text.length;
  for (let line = 0; line <= LINES; line++) {
    start = text.lastIndexOf("\n", start - 1);
    if (start <= 0) return 0;
  }
  return start + 1;
}
