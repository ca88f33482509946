import { RuntimeError } from "@voiyd/runtime-api";
import { messageOf } from "../output/failure.js";
import type { Surroundings } from "../process/surroundings.js";

/** The text of a file that an option names. Throws `INVALID_ARGUMENT` for one that cannot be read. */
export async function readOptionFile(
  option: string,
  path: string,
  { readFile }: Pick<Surroundings, "readFile">,
): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new RuntimeError("INVALID_ARGUMENT", `${option}: ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
      details: { option },
    });
  }
}
