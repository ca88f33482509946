import { STATIC_TABLE } from "./static-table.js";

const INDEXED = 0x80;
/** The largest number that fits beside its flags: of an index of four bits, and of a length of seven. */
const NAME_MAX = 0x0f;
const LENGTH_MAX = 0x7f;

/** RFC 9110 §5.5 lets a value be visible text, latin1 included, and blanks; §5.1 a name be a token. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;

const INDEX_OF_NAME = new Map<string, number>();
const INDEX_OF_FIELD = new Map<string, number>();
for (const [at, [name, value]] of STATIC_TABLE.entries()) {
  if (!INDEX_OF_NAME.has(name)) INDEX_OF_NAME.set(name, at + 1);
  if (value !== "") INDEX_OF_FIELD.set(`${name}\n${value}`, at + 1);
}

/**
 * A block of headers without any state (RFC 7541): what everybody knows by number, all else as it is. Within one machine
 * bytes are cheaper than the work to save them, and no table can get out of step. Throws a `TypeError` for what a header
 * cannot be.
 */
export function encodeHeaders(headers: Iterable<readonly [name: string, value: string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) parts.push(encodeField(name, value));
  return Buffer.concat(parts);
}

function encodeField(name: string, value: string): Buffer {
  const known = INDEX_OF_FIELD.get(`${name}\n${value}`);
  if (known !== undefined) return Buffer.from([INDEXED | known]);
  if (!NAME.test(name) || !VALUE.test(value)) throw new TypeError(`not a header: ${JSON.stringify(name)}`);
  const index = INDEX_OF_NAME.get(name);
  const start = index === undefined ? [0, ...integer(name.length, LENGTH_MAX)] : integer(index, NAME_MAX);
  const length = integer(value.length, LENGTH_MAX);
  const ownName = index === undefined ? name : "";
  const bytes = Buffer.allocUnsafe(start.length + ownName.length + length.length + value.length);
  bytes.set(start);
  let at = start.length;
  at += bytes.write(ownName, at, "latin1");
  bytes.set(length, at);
  bytes.write(value, at + length.length, "latin1");
  return bytes;
}

/** §5.1, behind a prefix whose flags are all zero. */
function integer(value: number, limit: number): number[] {
  if (value < limit) return [value];
  const bytes = [limit];
  let rest = value - limit;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}
