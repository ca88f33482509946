import type { Container, ContainerRef } from "@voiyd/runtime-api";
import { isRuntimeError } from "@voiyd/runtime-api";
import type { MemoryRuntime } from "../memory/memory-runtime.js";
import type { Defect } from "./defect.js";

export const lookupDefects: readonly Defect[] = [
  {
    name: "a name finds what starts with it",
    noticedBy: "get",
    change: (honest) => ({ get: (ref) => firstThat(honest, ref, (name, key) => name.startsWith(key)) }),
  },
  {
    name: "a reference is a regular expression",
    noticedBy: "get",
    change: (honest) => ({
      get: (ref) => firstThat(honest, ref, (name, key) => new RegExp(`^(?:${key})$`).test(name)),
    }),
  },
  {
    name: "an ambiguous prefix finds the first match",
    noticedBy: "get",
    change: (honest) => ({
      get: (ref, options) =>
        honest.get(ref, options).catch(async (error: unknown) => {
          if (!isRuntimeError(error, "AMBIGUOUS_ID") || typeof ref !== "string") throw error;
          const found = (await honest.list()).find(({ status }) => status.id.startsWith(ref));
          if (found === undefined) throw error;
          return found;
        }),
    }),
  },
  {
    name: "list needs any of the labels, and not all",
    noticedBy: "list",
    change: (honest) => ({
      list: async ({ labels = {}, signal } = {}) => {
        const wanted = Object.entries(labels);
        const all = await honest.list(signal === undefined ? {} : { signal });
        return all.filter(
          ({ meta }) => wanted.length === 0 || wanted.some(([key, value]) => meta.labels[key] === value),
        );
      },
    }),
  },
  {
    name: "list has only what runs",
    noticedBy: "list",
    change: (honest) => ({
      list: async (options) => (await honest.list(options)).filter(({ status }) => status.phase === "running"),
    }),
  },
  {
    name: "the exit code is lost",
    noticedBy: "run",
    change: (honest) => ({
      get: async (ref, options) => {
        const container = await honest.get(ref, options);
        const { id, phase, exitedAt } = container.status;
        return phase === "exited" ? { ...container, status: { id, phase, ...(exitedAt && { exitedAt }) } } : container;
      },
    }),
  },
  {
    name: "NOT_FOUND is not a RuntimeError",
    noticedBy: "id, name and labels",
    change: (honest) => ({
      id: (ref, options) =>
        honest.id(ref, options).catch((error: unknown) => {
          throw isRuntimeError(error, "NOT_FOUND") ? new Error(error.message) : error;
        }),
    }),
  },
];

async function firstThat(
  honest: MemoryRuntime,
  ref: ContainerRef,
  fits: (name: string, key: string) => boolean,
): Promise<Container> {
  if (typeof ref !== "string" || ref === "" || !/^[a-z.]+$/.test(ref)) return honest.get(ref);
  const found = (await honest.list()).find(({ meta }) => fits(meta.name, ref));
  return found ?? honest.get(ref);
}
