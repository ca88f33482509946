/**
 * Words with quotes around or in them and with backslashes, as a shell and a Dockerfile have them. Throws a `SyntaxError`
 * for a quote that is not closed.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === "\\" && quote !== "'" && next !== "" && (quote === "" || next === '"' || next === "\\")) {
      word = (word ?? "") + next;
      at++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw new SyntaxError(`a quote is not closed: ${text}`);
  if (word !== undefined) words.push(word);
  return words;
}
