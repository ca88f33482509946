import { parseUser, RuntimeError } from "@voiyd/runtime-api";
import type { SpecUser } from "../oci.js";
import { type GroupEntry, parseGroup, parsePasswd, type PasswdEntry } from "./account-files.js";

/** Reads a file of the image: its text, or undefined when the image has none. */
export type ImageFileReader = (path: string) => Promise<string | undefined>;

/**
 * Turns `user[:group]` into numbers with the image's own `/etc/passwd` and `/etc/group`. Docker's rules: numbers need
 * no entry; names do. Without a group, the user's own group and all groups that list the user as a member apply. The
 * primary group is always among the additional ones, or a file's "not this group" could be walked around
 * (CVE-2022-36109, CVE-2023-25173).
 *
 * @param groupAdd further groups, which apply in any case: names have to be in the image, numbers are taken as they are
 *
 * Throws `INVALID_ARGUMENT` for what is no user, `USER_NOT_FOUND` for a name that the image does not know.
 */
export async function resolveUser(
  text: string,
  read: ImageFileReader,
  groupAdd: readonly string[] = [],
): Promise<SpecUser> {
  const { user, group } = parseUser(text === "" ? "0" : text);
  const namesGroups = groupAdd.some((item) => !isNumber(item));
  if (typeof user === "number" && typeof group === "number" && !namesGroups)
    return withGroups(user, group, groupAdd.map(Number));

  const entry = findUser(parsePasswd((await read("/etc/passwd")) ?? ""), user);
  const groups = parseGroup((await read("/etc/group")) ?? "");
  const uid = entry?.uid ?? (typeof user === "number" ? user : undefined);
  if (uid === undefined) throw notFound("user", user, "/etc/passwd");
  const added = groupAdd.map((item) => (isNumber(item) ? Number(item) : findGroup(groups, item)));
  if (group !== undefined) return withGroups(uid, findGroup(groups, group), added);
  const additional = entry === undefined ? [] : groups.filter((item) => item.members.includes(entry.name));
  return withGroups(uid, entry?.gid ?? 0, [...additional.map((item) => item.gid), ...added]);
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function findUser(entries: readonly PasswdEntry[], user: string | number): PasswdEntry | undefined {
  return entries.find((entry) => (typeof user === "number" ? entry.uid === user : entry.name === user));
}

function findGroup(entries: readonly GroupEntry[], group: string | number): number {
  if (typeof group === "number") return group;
  const entry = entries.find((item) => item.name === group);
  if (entry === undefined) throw notFound("group", group, "/etc/group");
  return entry.gid;
}

function withGroups(uid: number, gid: number, additional: readonly number[]): SpecUser {
  return { uid, gid, additionalGids: [...new Set([gid, ...additional])] };
}

function notFound(kind: string, name: string | number, file: string): RuntimeError {
  return new RuntimeError("USER_NOT_FOUND", `${kind} ${JSON.stringify(name)} is not in the image's ${file}`, {
    hint: "give a number, or a name that the image knows",
  });
}
