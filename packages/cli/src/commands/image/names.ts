import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { CommandRuntime } from "../command.js";

const ID = /^(?:sha256:)?[0-9a-f]{4,64}$/;

/** A name of the image that `operand` is the id of; any other operand as it is, and so is an id that no image has. */
export async function imageNamed(runtime: CommandRuntime, operand: string, signal: AbortSignal): Promise<string> {
  if (!ID.test(operand)) return operand;
  return (await imageNames(runtime, operand, signal))[0] ?? operand;
}

/** By reference, or by the id that `images` shows: all names of that image. Throws `AMBIGUOUS_ID`. */
export async function imageNames(
  runtime: CommandRuntime,
  operand: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return [(await runtime.getImage(operand, { signal })).name];
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_NOT_FOUND", "INVALID_ARGUMENT")) throw error;
  }
  if (!ID.test(operand)) return [];
  const prefix = operand.replace(/^sha256:/, "");
  const images = (await runtime.listImages({ signal })).filter(({ digest }) => digest.startsWith(`sha256:${prefix}`));
  if (new Set(images.map(({ digest }) => digest)).size > 1) {
    throw new RuntimeError("AMBIGUOUS_ID", `${JSON.stringify(operand)} fits several images`, {
      hint: "give more characters of the id, or the name",
    });
  }
  return images.map(({ name }) => name);
}
