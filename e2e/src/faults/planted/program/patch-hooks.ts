// Puts a defect into what the packages were built to, while it is loaded. A defect that does not find its place ends the
// process: one that is not there proves nothing.
import type { InitializeHook, LoadHook } from "node:module";
import type { Patch } from "../defects.js";

let patches: readonly Patch[] = [];

export const initialize: InitializeHook<readonly Patch[]> = (data) => {
  patches = data;
};

export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  const here = patches.filter(({ file }) => url.endsWith(pathOf(file)));
  if (here.length === 0) return loaded;
  const { source = "" } = loaded;
  let text = typeof source === "string" ? source : new TextDecoder().decode(source);
  for (const { find, replace } of here) {
    if (text.split(find).length !== 2) throw new Error(`${url} does not have this once: ${find}`);
    text = text.replace(find, () => replace);
  }
  return { ...loaded, source: text };
};

/** `runtime-containerd/task/delete-task` is in `…/runtime-containerd/dist/esm/task/delete-task.js`. */
export function pathOf(file: string): string {
  return `/${file.replace("/", "/dist/esm/")}.js`;
}
