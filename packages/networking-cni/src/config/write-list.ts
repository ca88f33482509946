import { randomUUID } from "node:crypto";
import { link, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../plugin/error-code.js";
import type { JsonObject } from "../protocol/json.js";

/**
 * Writes a configuration list in one step, and durably. Resolves with `false` where there is a file of that name: an
 * operator's file is never overwritten.
 */
export async function writeList(confDir: string, name: string, list: JsonObject): Promise<boolean> {
  await mkdir(confDir, { recursive: true, mode: 0o755 });
  const temporary = join(confDir, `.${name}.${randomUUID()}`);
  const file = await open(temporary, "wx", 0o644);
  try {
    await file.writeFile(`${JSON.stringify(list, undefined, 2)}\n`);
    await file.sync();
    // Linking fails where a file is, and shows a whole one where none was.
    await link(temporary, join(confDir, name));
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
