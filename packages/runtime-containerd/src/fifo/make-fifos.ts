import type { RuntimeContext } from "../context.js";

/** Makes FIFOs for root's eyes only. Node.js cannot (`mkfifo(3)`), so a program of coreutils does. */
export async function makeFifos(
  context: Pick<RuntimeContext, "host">,
  paths: readonly string[],
  options: { signal?: AbortSignal },
): Promise<void> {
  await context.host.command("mkfifo", ["-m", "600", "--", ...paths], options);
}
