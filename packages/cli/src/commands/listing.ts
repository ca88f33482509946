import { escapeText, toJson } from "../output/escape.js";
import { renderTable } from "../output/table.js";
import { isFields, isList, View, valueOf, type Fields, type Method, type Value } from "../template/value.js";
import type { Format, TemplateFormat } from "./format.js";

/** What a template can ask for, by the names that it has there. */
export type Names = Readonly<Record<string, Value | Method>>;

/** How things are shown in each of the ways there are. */
export interface Listing<T> {
  readonly header: readonly string[];
  readonly cells: (item: T) => readonly string[];
  readonly json: (item: T) => object;
  readonly names: (item: T) => Names;
  /** What stands over a column, by the name of what is in it. */
  readonly titles: Readonly<Record<string, string>>;
}

/** One for each line, or with a template as it says. */
export function renderListing<T>(format: Format, items: readonly T[], listing: Listing<T>): string {
  const { header, cells, json, names, titles } = listing;
  if (format === "table") return renderTable(header, items.map(cells));
  if (format === "json") return items.map((item) => `${toJson(json(item))}\n`).join("");
  return renderViews(
    format,
    items.map((item) => viewOf(names(item), json(item))),
    titles,
  );
}

/** Each as the template says, with a line end. */
export function renderViews({ template, isTable }: TemplateFormat, views: readonly View[], titles: Names): string {
  const texts = views.map((view) => `${template.render(view)}\n`);
  if (!isTable) return texts.join("");
  const header = template.renderTitles(new View({ Label: (label) => label.toUpperCase(), ...titles }, {}));
  const rows = `${header}\n${texts.join("")}`
    .slice(0, -1)
    .split("\n")
    .map((line) => line.split("\t"));
  const columns = Math.max(...rows.map(({ length }) => length));
  const [first = [], ...others] = rows;
  return renderTable([...first, ...Array<string>(columns - first.length).fill("")], others);
}

/** A thing as templates see it: nothing that has a name in it can steer a terminal, or break its line. */
export function viewOf(names: Names, json: object): View {
  return new View(
    Object.fromEntries(
      Object.entries(names).map(([name, value]) => [
        name,
        typeof value === "function" ? safeMethod(value) : safe(value),
      ]),
    ),
    valueOf(json),
  );
}

/** A thing whose names in templates are those of its JSON. */
export function jsonView(json: object): View {
  return viewOf(fieldsOf(json), json);
}

/** What is in JSON by its names. */
export function fieldsOf(json: object): Fields {
  const value = valueOf(json);
  return isFields(value) ? value : {};
}

function safe(value: Value): Value {
  if (typeof value === "string") return escapeText(value);
  if (isList(value)) return value.map(safe);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [escapeText(name), safe(item)]));
}

function safeMethod(method: Method): Method {
  return (word) => escapeText(method(word));
}

/** The labels by one text, and one by one, as `.Label "key"`. */
export function labelNames(labels: Readonly<Record<string, string>>): Names {
  return {
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    Label: (key) => (Object.hasOwn(labels, key) ? (labels[key] ?? "") : ""),
  };
}
