import type { Surroundings } from "../process/surroundings.js";

/** Asks on the terminal whether to go on. Only a yes is one. */
export async function confirm({ stdin, stdout }: Pick<Surroundings, "stdin" | "stdout">): Promise<boolean> {
  await stdout.write("Go on? [y/N] ");
  let answer = "";
  for await (const chunk of stdin.chunks()) {
    answer += new TextDecoder().decode(chunk);
    if (answer.includes("\n")) break;
  }
  return /^\s*y(es)?\s*$/i.test(answer.split("\n")[0] ?? "");
}
