/**
 * One containerd filter whose conditions all have to hold. (Several filters in one request are alternatives.)
 * Values are quoted as containerd reads them: only `"` and `\` mean something in a quoted value, and no operator but
 * equality is ever used, so a value cannot become part of the grammar.
 */
export function filter(...conditions: readonly string[]): string {
  return conditions.join(",");
}

export function labelIs(key: string, value: string): string {
  return `labels.${quote(key)}==${quote(value)}`;
}

export function hasLabel(key: string): string {
  return `labels.${quote(key)}`;
}

export function fieldIs(field: string, value: string): string {
  return `${field}==${quote(value)}`;
}

/** Containerd reads a quoted value as Go does a string: a control character has to be written by its number. */
function quote(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}"`;
}
