import { readFile } from "node:fs/promises";

export interface MountEntry {
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  readonly root: string;
  readonly superOptions: string;
}

const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The mounts in the text of `/proc/<pid>/mountinfo` (proc(5)), oldest first. */
export function parseMountInfo(text: string): MountEntry[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const [, , , root, mountPoint] = before?.split(" ") ?? [];
    const [type, source, superOptions] = after?.split(" ") ?? [];
    if (root === undefined || mountPoint === undefined || type === undefined || source === undefined) return [];
    return [
      {
        mountPoint: unescape(mountPoint),
        type,
        source: unescape(source),
        root: unescape(root),
        superOptions: superOptions ?? "",
      },
    ];
  });
}

/** The mounts of this process's mount namespace. */
export async function listMounts(): Promise<MountEntry[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Whether `path` is `folder` or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
