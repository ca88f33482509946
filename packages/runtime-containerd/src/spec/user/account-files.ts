/** An entry of `passwd(5)`. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** An entry of `group(5)`. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The entries of a passwd file. A line that is none is passed over, as the C library does. */
export function parsePasswd(text: string): PasswdEntry[] {
  return lines(text).flatMap(([name, , uidText, gidText]) => {
    const uid = parseNumber(uidText);
    const gid = parseNumber(gidText);
    return name === undefined || name === "" || uid === undefined || gid === undefined ? [] : [{ name, uid, gid }];
  });
}

export function parseGroup(text: string): GroupEntry[] {
  return lines(text).flatMap(([name, , gidText, members]) => {
    const gid = parseNumber(gidText);
    if (name === undefined || name === "" || gid === undefined) return [];
    return [{ name, gid, members: (members ?? "").split(",").filter((member) => member !== "") }];
  });
}

function lines(text: string): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

const MAX_ID = 2 ** 31 - 1;

function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= MAX_ID ? number : undefined;
}
