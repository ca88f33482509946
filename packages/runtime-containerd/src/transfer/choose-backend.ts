import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { hasTransfer } from "../daemon/plugins.js";
import type { PullBackend } from "./transfer-options.js";

/** Who pulls. What the daemon can do is asked of itself, every time: another one may have taken its place. */
export async function chooseBackend(
  context: RuntimeContext,
  options: { signal?: AbortSignal },
): Promise<Exclude<PullBackend, "auto">> {
  const { pullBackend } = context;
  if (pullBackend === "client") return "client";
  if (await hasTransfer(context, options)) return "transfer";
  if (pullBackend === "auto") return "client";
  throw new RuntimeError("UNIMPLEMENTED", "this containerd has no transfer service that could pull images", {
    hint: "let this client pull (the default), or use a containerd of version 1.7 or later with its transfer plugin",
  });
}
