/** The lines of a file of `--env-file` or `--label-file` that mean something: not empty, and not begun with `#`. */
export function meaningfulLines(text: string): { readonly line: string; readonly number: number }[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trimStart(), number: index + 1 }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"));
}
