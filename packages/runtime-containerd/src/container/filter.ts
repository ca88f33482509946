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

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
