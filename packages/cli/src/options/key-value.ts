import { invalid } from "@voiyd/runtime-api";

/** The two halves of `key=value`. Throws `INVALID_ARGUMENT` for a text without `=` or without a key. */
export function parseKeyValue(option: string, text: string): readonly [key: string, value: string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw invalid(option, text, "KEY=VALUE");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** The same for many; of the same key the last counts. Unlike an assignment, this makes an own property of `__proto__` too. */
export function parseKeyValues(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => parseKeyValue(option, text)));
}
