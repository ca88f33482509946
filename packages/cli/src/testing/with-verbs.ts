import type { Images, Runtime, Wait } from "@voiyd/runtime-api";
import type { CommandRuntime } from "../commands/command.js";
import { fakeRuntime } from "./fake-runtime.js";

/** A runtime that can do only the common part; what it lacks is there, and does nothing. */
export function withVerbs(runtime: Runtime & Wait & Images): CommandRuntime {
  const lacking = fakeRuntime().runtime;
  return new Proxy(lacking, {
    get: (target, key): unknown => {
      const own: unknown = Reflect.get(runtime, key);
      return typeof own === "function" ? own.bind(runtime) : Reflect.get(target, key);
    },
  });
}
