import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Folders of system programs that the PATH of an ordinary shell may lack. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The first executable file of that name; undefined when there is none. */
export async function findProgram(
  name: string,
  folders: readonly string[] = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS],
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}
