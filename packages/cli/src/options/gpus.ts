import { type CdiDevice, invalid } from "@voiyd/runtime-api";
import { parseCsv } from "./csv.js";

const KIND = "nvidia.com/gpu";
const MOST = 64;
const ALLOWED = 'all, a number of GPUs, or "device=NAME,…"';

/**
 * The devices of `--gpus`, as the host's CDI files (`nvidia-ctk cdi generate`) name them: `all`, a number, or
 * `device=0,1`, in Docker's grammar. Throws `INVALID_ARGUMENT`.
 */
export function parseGpus(text: string): CdiDevice[] {
  const fields = parseCsv(text);
  if (fields === undefined) throw invalid("--gpus", text, ALLOWED);
  let names: readonly string[] = ["all"];
  for (const field of fields) {
    const equals = field.indexOf("=");
    const key = equals === -1 ? "count" : field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (key === "count") names = counted(value, text);
    else if (key === "device") names = value.split(",");
    // What a GPU can be used for is written in its CDI file.
    else if (!(key === "capabilities" || (key === "driver" && value === "nvidia")))
      throw invalid("--gpus", text, ALLOWED);
  }
  return names.map((name) => ({ cdi: `${KIND}=${name}` }));
}

function counted(value: string, text: string): readonly string[] {
  if (value === "all" || value === "-1") return ["all"];
  const count = /^\d{1,2}$/.test(value) ? Number(value) : Number.NaN;
  if (!(count >= 1 && count <= MOST)) throw invalid("--gpus", text, ALLOWED);
  return Array.from({ length: count }, (_, index) => String(index));
}
