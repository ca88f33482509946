import { invalid } from "@voiyd/runtime-api";

/** Adds labels given as `key=value`, or as `key` with an empty value. What comes later wins. Throws `INVALID_ARGUMENT`. */
export function addLabels(labels: Map<string, string>, option: string, texts: readonly string[]): void {
  for (const text of texts) {
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    if (key === "") throw invalid(option, text, "KEY=VALUE or KEY");
    labels.set(key, equals === -1 ? "" : text.slice(equals + 1));
  }
}
