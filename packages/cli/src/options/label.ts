import { invalid, type Labels } from "@voiyd/runtime-api";

/** Labels given as `key=value`, or as `key` with an empty value. What comes later wins. Throws `INVALID_ARGUMENT`. */
export function parseLabels(texts: readonly string[], option = "--label"): Labels {
  const entries = texts.map((text): [string, string] => {
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    if (key === "") throw invalid(option, text, "KEY=VALUE or KEY");
    return [key, equals === -1 ? "" : text.slice(equals + 1)];
  });
  // Unlike an assignment, this makes an own property of "__proto__" too.
  return Object.fromEntries(entries);
}
