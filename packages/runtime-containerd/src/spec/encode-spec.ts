/**
 * JSON of a specification. Unlike `JSON.stringify` it writes a bigint as the number that it is: "no limit" is 2^64 - 1,
 * which JavaScript's numbers cannot tell from 2^64.
 */
export function encodeSpec(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map((item) => encodeSpec(item)).join(",")}]`;
      return `{${Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}:${encodeSpec(item)}`)
        .join(",")}}`;
    case "string":
    case "number":
    case "boolean":
      return JSON.stringify(value);
    default:
      return "null";
  }
}
