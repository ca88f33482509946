import { RuntimeError } from "@voiyd/runtime-api";
import type { Defect } from "./defect.js";

export const lifecycleDefects: readonly Defect[] = [
  {
    name: "stop returns when the signal is sent",
    noticedBy: "stop",
    change: (honest) => ({
      stop: (ref, options = {}) => honest.kill(ref, { killSignal: options.stopSignal ?? "SIGTERM" }),
    }),
  },
  {
    name: "stop kills without asking",
    noticedBy: "stop",
    change: (honest) => ({ stop: (ref) => honest.kill(ref) }),
  },
  {
    name: "stop ignores an abort",
    noticedBy: "stop",
    change: (honest) => ({
      stop: async (ref, { signal, ...options } = {}) => {
        signal?.throwIfAborted();
        await honest.stop(ref, { ...options, timeoutMs: Math.min(options.timeoutMs ?? 0, 500) });
      },
    }),
  },
  {
    name: "stop of what has exited is an error",
    noticedBy: "stop",
    change: (honest) => ({
      stop: async (ref, options) => {
        const { status } = await honest.get(ref);
        if (status.phase !== "running") throw new RuntimeError("FAILED_PRECONDITION", `${status.id} does not run`);
        await honest.stop(ref, options);
      },
    }),
  },
  {
    name: "stop deletes the container",
    noticedBy: "stop",
    change: (honest) => ({
      stop: async (ref, options) => {
        await honest.stop(ref, options);
        await honest.delete(ref);
      },
    }),
  },
  {
    name: "kill sends SIGTERM",
    noticedBy: "kill",
    change: (honest) => ({ kill: (ref, options = {}) => honest.kill(ref, { killSignal: "SIGTERM", ...options }) }),
  },
  {
    name: "delete of what is absent is an error",
    noticedBy: "delete",
    change: (honest) => ({
      delete: async (ref, options) => {
        await honest.get(ref, options);
        await honest.delete(ref, options);
      },
    }),
  },
  {
    name: "delete leaves what runs",
    noticedBy: "delete",
    change: (honest) => ({
      delete: async (ref, options) => {
        const running = (await honest.list()).filter(({ status }) => status.phase === "running");
        if (!running.some(({ meta, status }) => ref === meta.name || ref === status.id))
          await honest.delete(ref, options);
      },
    }),
  },
  {
    name: "delete of an old object hits its namesake",
    noticedBy: "delete",
    change: (honest) => ({
      delete: (ref, options) => honest.delete(typeof ref === "string" ? ref : ref.meta.name, options),
    }),
  },
  {
    name: "cleanup does nothing",
    noticedBy: "cleanup",
    change: (honest) => ({
      cleanup: async (id, options) => {
        await honest.get(id, options);
      },
    }),
  },
  {
    name: "cleanup deletes the container",
    noticedBy: "cleanup",
    change: (honest) => ({ cleanup: (id, options) => honest.delete(id, options) }),
  },
  {
    name: "wait invents an exit code",
    noticedBy: "wait",
    change: (honest) => ({ wait: async (ref, options) => ({ ...(await honest.wait(ref, options)), exitCode: 0 }) }),
  },
];
