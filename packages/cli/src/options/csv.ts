/**
 * The fields of one line of comma-separated values (RFC 4180), as `--mount` and `--gpus` take them: a field in double
 * quotes may hold commas, and two double quotes stand for one. Undefined for a line that is no such thing.
 */
export function parseCsv(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  for (let rest = line; ;) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest);
    if (match === null) return undefined;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return fields;
    rest = rest.slice(match[0].length);
  }
}
