import { invalid, type Labels } from "@voiyd/runtime-api";

/** Whether labels are as a filter wants them: `key`, whatever its value, or `key=value`. Throws `INVALID_ARGUMENT`. */
export function parseLabelFilter(text: string): (labels: Labels) => boolean {
  const equals = text.indexOf("=");
  const key = equals === -1 ? text : text.slice(0, equals);
  if (key === "") throw invalid("--filter", `label=${text}`, "a label's name");
  const value = equals === -1 ? undefined : text.slice(equals + 1);
  return (labels) => Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}
