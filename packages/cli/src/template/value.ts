/** What a template works on: what JSON can say, and things with more names than their JSON shows. */
export type Value = string | number | boolean | null | List | Fields | View;
export type List = readonly Value[];
export interface Fields {
  readonly [name: string]: Value;
}

/** A field that is asked with a word, as `.Label "name"`. */
export type Method = (word: string) => string;

/** Something that a template can ask for more than what is shown of it as a whole, as with `json`. */
export class View {
  readonly names: Readonly<Record<string, Value | Method>>;
  readonly shown: Value;

  constructor(names: Readonly<Record<string, Value | Method>>, shown: Value) {
    this.names = names;
    this.shown = shown;
  }

  /** What JSON shows of it. */
  toJSON(): Value {
    return this.shown;
  }
}

/** The value as a whole: no {@link View}. */
export function whole(value: Value): Exclude<Value, View> {
  return value instanceof View ? whole(value.shown) : value;
}

export function isList(value: Value): value is List {
  return Array.isArray(value);
}

export function isFields(value: Value): value is Fields {
  return typeof value === "object" && value !== null && !isList(value) && !(value instanceof View);
}

/** What JSON would say of it. Names that are there for JavaScript only are none of its names. */
export function valueOf(data: unknown): Value {
  if (data === null || typeof data === "string" || typeof data === "boolean") return data;
  if (typeof data === "number") return Number.isFinite(data) ? data : null;
  if (Array.isArray(data)) return data.map((item) => valueOf(item));
  if (data instanceof Date) return Number.isNaN(data.getTime()) ? null : data.toISOString();
  if (typeof data !== "object") return null;
  const entries = Object.entries(data).filter(([, value]) => value !== undefined && typeof value !== "function");
  return Object.fromEntries(entries.map(([name, value]) => [name, valueOf(value)]));
}

/** Nothing, zero, false and what is empty are not true. */
export function isTrue(value: Value): boolean {
  const seen = whole(value);
  if (isList(seen)) return seen.length > 0;
  return isFields(seen) ? Object.keys(seen).length > 0 : Boolean(seen);
}

/** The names and values of a map, in the order of the names. */
export function entriesOf(fields: Fields): readonly (readonly [string, Value])[] {
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As Go prints it: `[a b]`, `map[a:1]`, `<nil>`. */
export function printed(value: Value): string {
  const seen = whole(value);
  if (seen === null) return "<nil>";
  if (isList(seen)) return `[${seen.map(printed).join(" ")}]`;
  if (!isFields(seen)) return String(seen);
  return `map[${entriesOf(seen)
    .map(([name, one]) => `${name}:${printed(one)}`)
    .join(" ")}]`;
}

/** For a message: what kind of thing it is. */
export function described(value: Value): string {
  const seen = whole(value);
  if (seen === null) return "nothing";
  if (isList(seen)) return "a list";
  return isFields(seen) ? "a map" : JSON.stringify(seen);
}
